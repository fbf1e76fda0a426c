import { type Milliseconds, milliseconds } from '@latchkey/protocol';
import type { Clock } from '../ports.js';

/** Both clocks of a device and its timers, moved by the test. */
export interface SimulatedClock extends Clock {
  /** Lets time pass: timers fire in order, and what each sets going settles before the next. */
  advance(duration: number): Promise<void>;
  /** Sets the wall clock forward or (below zero) back while no time passes, as a person or a time server does. */
  step(by: number): void;
}

/** The real timer, even if a test framework replaces the global one later. */
const realTimeout = globalThis.setTimeout;

/** Makes a clock that stands still until the test moves it. `start` is in milliseconds since 1970. */
export function simulatedClock(start = Date.UTC(2030, 0, 1)): SimulatedClock {
  const timers = new Set<{ readonly at: number; readonly callback: () => void }>();
  let passed = 0;
  let offset = start;
  return {
    now: () => milliseconds(passed + offset),
    monotonic: () => milliseconds(passed),
    wake(delay: Milliseconds, callback) {
      const timer = { at: passed + Math.max(0, delay), callback };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    step(by) {
      offset += by;
    },
    async advance(duration) {
      const end = passed + duration;
      await settled();
      for (;;) {
        const [next] = [...timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
        if (!next) break;
        timers.delete(next);
        passed = Math.max(passed, next.at);
        next.callback();
        await settled();
      }
      passed = end;
    },
  };
}

/** A turn of the event loop: every promise that needs nothing from outside is through. */
const settled = (): Promise<void> => new Promise((resolve) => void realTimeout(resolve, 0));
