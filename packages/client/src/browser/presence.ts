import type { Presence } from '../ports.js';
import { findStorage } from './web-storage.js';

/**
 * Tells whether any tab of the profile is open, for sessions that end with the last one. A tab that has such a session
 * holds a shared Web Lock as long as it lives, and marks itself so that a reload is not taken for a new beginning.
 * Only then: a page that holds a lock does not go into the back/forward cache. Without Web Locks nobody is alone, since
 * ending a session that another tab uses is worse than keeping one too long.
 */
export function tabPresence(name: string): Presence {
  const lockName = `latchkey.${name}.open`;
  const locks = typeof navigator === 'undefined' ? undefined : (navigator.locks as LockManager | undefined);
  let staying = false;
  return {
    async alone() {
      if (!locks || mark(lockName)) return false;
      const { held = [] } = await locks.query();
      return !held.some((lock) => lock.name === lockName);
    },
    stay() {
      if (staying) return;
      staying = true;
      mark(lockName, true);
      void locks?.request(lockName, { mode: 'shared' }, () => new Promise(() => undefined));
    },
  };
}

/** Reads or makes this tab's mark; a blocked storage has none. */
function mark(key: string, make = false): boolean {
  const storage = findStorage('sessionStorage');
  try {
    if (make) storage?.setItem(key, '1');
    return storage?.getItem(key) === '1';
  } catch {
    return false;
  }
}
