import { milliseconds } from '@latchkey/protocol';
import type { Clock } from '@latchkey/server';

/** A clock that can be set ahead of the machine's, or behind it. */
export interface MovableClock extends Clock {
  /** Milliseconds ahead of the machine's clock; negative when behind. */
  readonly aheadBy: number;
  /** Moves on by so many milliseconds; back, when negative. */
  advance(by: number): void;
  /** Tells the machine's time again. */
  reset(): void;
}

/** Makes a clock that tells the machine's time until it is moved. */
export function movableClock(): MovableClock {
  let aheadBy = 0;
  return {
    get aheadBy() {
      return aheadBy;
    },
    now: () => milliseconds(Date.now() + aheadBy),
    advance: (by) => void (aheadBy += by),
    reset: () => void (aheadBy = 0),
  };
}
