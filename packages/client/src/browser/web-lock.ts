import type { Clock, Lock, Random } from '../ports.js';

/** Spreads out tabs that cannot queue up; the server's idempotent rotation does the rest. */
const jitter = 200;

/** A Web Lock of the profile. Never stolen; whoever waits too long goes on without it. */
export function webLock(name: string, { clock, random }: { clock: Clock; random: Random }): Lock {
  return {
    acquire: (wait) =>
      new Promise((resolve) => {
        const locks = typeof navigator === 'undefined' ? undefined : (navigator.locks as LockManager | undefined);
        const giveUp = (): void => resolve(undefined);
        if (!locks) {
          clock.wake(Math.floor(random.fraction() * jitter) as typeof wait, giveUp);
          return;
        }
        const bound = new AbortController();
        const stopWaiting = clock.wake(wait, () => bound.abort());
        const held = (): Promise<void> => {
          stopWaiting();
          return new Promise((release) => resolve(release));
        };
        locks.request(name, { signal: bound.signal }, held).catch(giveUp);
      }),
  };
}
