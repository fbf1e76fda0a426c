import { milliseconds } from '@latchkey/protocol';
import type { Clock } from '../ports.js';

/** The longest delay that a browser's timer holds; longer ones would fire at once. */
const longestTimer = 2 ** 31 - 1;

/** The page's clocks and timers. */
export const browserClock: Clock = {
  now: () => milliseconds(Date.now()),
  monotonic: () => milliseconds(performance.now()),
  wake(delay, callback) {
    let left: number = delay;
    let timer: ReturnType<typeof setTimeout>;
    const next = (): void => {
      const part = Math.min(left, longestTimer);
      left -= part;
      timer = setTimeout(left > 0 ? next : callback, Math.max(0, part));
    };
    next();
    return () => clearTimeout(timer);
  },
};
