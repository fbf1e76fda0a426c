import { exitCodes } from './command-error.js';

/** How long requests under way may take to end, in milliseconds: less than the 10 s after which others kill. */
const patience = 8_000;

/**
 * Resolves at the first SIGTERM or SIGINT. From then on a second signal, or 8 seconds, ends the process: a client that
 * never reads its answer must not hold up a restart.
 */
export function untilStopped(): Promise<void> {
  return new Promise((stopped) => {
    let stopping = false;
    const leave = (): never => process.exit(exitCodes.outside);
    const onSignal = (): void => {
      if (stopping) leave();
      stopping = true;
      setTimeout(leave, patience).unref();
      stopped();
    };
    process.on('SIGTERM', onSignal);
    process.on('SIGINT', onSignal);
  });
}
