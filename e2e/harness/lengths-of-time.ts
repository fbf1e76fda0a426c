/** Lengths of time in milliseconds, to read tests aloud by. */
export const minutes = (count: number): number => count * 60_000;
const hours = (count: number): number => minutes(60) * count;
export const days = (count: number): number => hours(24) * count;
