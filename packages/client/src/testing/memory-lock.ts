import type { Clock, Lock } from '../ports.js';

/** Makes a lock for the tabs that are given it: first come, first served, each wait bounded by the clock. */
export function memoryLock(clock: Clock): Lock {
  const queue = new Set<() => void>();
  let held = false;
  const next = (): void => {
    const [grant] = queue;
    held = grant !== undefined;
    grant?.();
  };
  return {
    acquire: (wait) =>
      new Promise((resolve) => {
        const stop = clock.wake(wait, () => {
          queue.delete(grant);
          resolve(undefined);
        });
        const grant = (): void => {
          stop();
          queue.delete(grant);
          let mine = true;
          resolve(() => {
            if (mine) next();
            mine = false;
          });
        };
        queue.add(grant);
        if (!held) next();
      }),
  };
}
