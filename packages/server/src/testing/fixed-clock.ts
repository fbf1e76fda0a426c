import type { Milliseconds } from '@latchkey/protocol';
import type { Clock } from '../ports.js';

/** A clock that stands until it is moved. */
export interface FixedClock extends Clock {
  /** Moves it by so many seconds, back if negative. */
  advance(seconds: number): void;
}

/** Makes a clock that stands at a moment; default 2026-01-01T00:00:00Z. */
export function fixedClock(startsAt = Date.UTC(2026, 0, 1)): FixedClock {
  let now = startsAt;
  return {
    now: () => now as Milliseconds,
    advance(seconds) {
      now += seconds * 1000;
    },
  };
}
