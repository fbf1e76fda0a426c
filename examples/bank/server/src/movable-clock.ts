import type { Clock } from '@latchkey/server';

/** A clock that can be set ahead of another, or behind it. */
export interface MovableClock extends Clock {
  /** Milliseconds ahead of the other clock; negative when behind. */
  readonly aheadBy: number;
  advance(milliseconds: number): void;
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
    now: () => (base.now() + aheadBy) as ReturnType<Clock['now']>,
    advance: (milliseconds) => void (aheadBy += milliseconds),
    reset: () => void (aheadBy = 0),
  };
}
