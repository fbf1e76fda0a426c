import { describeError, toLogLine } from './events.js';
import type { Logger } from './ports.js';

/** How much may wait at once. Our choice: a mail server that hangs must not fill the memory. */
const mostWaiting = 1000;

/** Work that begins when the answer is out, so that the answer's time tells nothing about it. */
export interface Background {
  /** Takes on a piece of work; what it throws is logged, and work beyond 1,000 pieces is dropped, and that logged. */
  run(work: () => Promise<void>): void;
  /** Settles when all that was taken on is done. */
  settled(): Promise<void>;
}

/** Makes the place for work after the answer. */
export function createBackground(logger: Logger): Background {
  const underWay = new Set<Promise<void>>();
  return {
    run(work) {
      if (underWay.size >= mostWaiting) {
        logger.error(toLogLine({ event: 'background_full' }), 'Work after an answer was dropped: too much waits.');
        return;
      }
      const piece = new Promise<void>((resolve) => setImmediate(resolve))
        .then(work)
        .catch((error: unknown) => {
          logger.error(toLogLine({ event: 'background_failed', ...describeError(error) }), 'background_failed');
        })
        .finally(() => underWay.delete(piece));
      underWay.add(piece);
    },
    async settled() {
      await Promise.all(underWay);
    },
  };
}
