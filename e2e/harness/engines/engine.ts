/** The engines that the browser tests can drive. */
export const engineNames = ['chromium', 'firefox', 'webkit'] as const;

/** One of them. */
export type EngineName = (typeof engineNames)[number];

/** What the tests of a run drive, found once by global set-up. */
export interface Driven {
  readonly engine: EngineName;
  /** The browser, or what drives it. */
  readonly executable: string;
  /** The X display to show it on, for an engine that has no headless mode. */
  readonly display: string | undefined;
}

/**
 * Reads which engine to drive from `LATCHKEY_ENGINE`; Chromium unless told.
 * @throws Error that names the setting, its value and what it can be
 */
export function chosenEngine(): EngineName {
  const asked = process.env['LATCHKEY_ENGINE'] ?? 'chromium';
  const known = engineNames.find((name) => name === asked);
  if (known) return known;
  throw new Error(`LATCHKEY_ENGINE is ${asked}; it can be ${engineNames.join(', ')}. Without it, Chromium is driven.`);
}
