import { type LogFields, describeError, toLogLine } from './events.js';
import type { Logger } from './ports.js';

/** How much may wait at once. Our choice: a mail server that hangs must not fill the memory. */
const mostWaiting = 1000;

/** How long a stop waits, in milliseconds. Our choice: the CLI ends 8 s after it is told to, and the log line goes first. */
const mostPatience = 5000;

/** Work that begins when the answer is out, so that the answer's time tells nothing about it. */
export interface Background {
  /**
   * Takes on a piece of work for a request; what it throws is logged, and work beyond 1,000 pieces is dropped, and that
   * logged.
   */
  run(requestId: string, work: () => Promise<void>): void;
  /** Settles when all that was taken on is done, or after 5 s: what is left then is given up, and that logged. */
  settled(): Promise<void>;
}

/** Makes the place for work after the answer. `patience`: how long a stop waits for it, in milliseconds. */
export function createBackground(logger: Logger, patience = mostPatience): Background {
  const underWay = new Set<Promise<void>>();
  return {
    run(requestId, work) {
      if (underWay.size >= mostWaiting) {
        const line = toLogLine({ event: 'background_full', request_id: requestId });
        logger.error(line, 'Work after an answer was dropped: too much waits.');
        return;
      }
      const piece = new Promise<void>((resolve) => setImmediate(resolve))
        .then(work)
        .catch((error: unknown) => {
          const line = { event: 'background_failed', request_id: requestId, reason: causeOf(error) };
          logger.error(toLogLine({ ...line, ...describeError(error) }), 'background_failed');
        })
        .finally(() => underWay.delete(piece));
      underWay.add(piece);
    },
    async settled() {
      let timer: NodeJS.Timeout | undefined;
      const isLate = new Promise<void>((resolve) => (timer = setTimeout(resolve, patience)));
      await Promise.race([Promise.all(underWay), isLate]);
      clearTimeout(timer);
      if (underWay.size === 0) return;
      const line = toLogLine({ event: 'background_given_up', reason: `${underWay.size} under way` });
      logger.error(line, `The server was stopped before ${underWay.size} mails had been sent.`);
    },
  };
}

/** Tells name and code of the cause, such as the database's. */
const causeOf = (error: unknown): LogFields['reason'] =>
  error instanceof Error && error.cause !== undefined ? describeError(error.cause).error : undefined;
