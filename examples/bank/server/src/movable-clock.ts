import { milliseconds } from '@latchkey/protocol';
import type { Clock } from '@latchkey/server';

/** A clock that can be set ahead of another, or behind it. */
export interface MovableClock extends Clock {
  /** Milliseconds ahead of the other clock; negative when behind. */
  readonly aheadBy: number;
  /** Moves on by so many milliseconds; back, when negative. */
  advance(by: number): void;
  /** Goes by the other clock again. */
  reset(): void;
}

/** Makes a clock that goes with `base` until it is moved. */
export function movableClock(base: Clock): MovableClock {
  let aheadBy = 0;
  return {
    get aheadBy() {
      return aheadBy;
    },
    now: () => milliseconds(base.now() + aheadBy),
    advance: (by) => void (aheadBy += by),
    reset: () => void (aheadBy = 0),
  };
}
