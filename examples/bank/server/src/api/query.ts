/** What a number of the query may be. */
export interface NumberRange {
  readonly least: number;
  readonly most: number;
  /** What holds where none was given, or no whole number. */
  readonly otherwise: number;
}

/** Reads a whole number of the query; one that is out of range is brought to the nearest that is not. */
export function wholeNumber(text: string | null, { least, most, otherwise }: NumberRange): number {
  if (text === null || !/^\d{1,15}$/.test(text)) return otherwise;
  return Math.min(most, Math.max(least, Number(text)));
}
