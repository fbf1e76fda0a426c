import { milliseconds, type Milliseconds } from '@latchkey/protocol';

/** The wall clock of a test: it runs as the machine's does, and can be moved on by days. */
export interface MovableClock {
  now(): Milliseconds;
  /** Moves on by so many milliseconds. Browsers are moved by whoever owns them: see `World.advance`. */
  advance(by: number): void;
}

/** Makes a clock that tells the machine's time until it is moved. */
export function movableClock(): MovableClock {
  let ahead = 0;
  return {
    now: () => milliseconds(Date.now() + ahead),
    advance: (by) => void (ahead += by),
  };
}

/** Lengths of time in milliseconds, to read tests aloud by. */
export const minutes = (count: number): number => count * 60_000;
const hours = (count: number): number => minutes(60) * count;
export const days = (count: number): number => hours(24) * count;
