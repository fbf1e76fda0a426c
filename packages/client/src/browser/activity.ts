import type { Activity, Clock } from '../ports.js';
import type { Slot } from './web-storage.js';

/** A note for the other tabs is written at most this often, in milliseconds; our choice: inactivity counts in minutes. */
const noteEvery = 5000;

/**
 * Watches for what only a person does: keys, pointers, touches, opening the page. The last moment of any tab counts;
 * tabs tell each other through one small key of web storage, which holds a time and nothing else.
 */
export function personActivity(slot: Slot, clock: Clock): Activity {
  let last: number = clock.now();
  let noted = 0;
  const acted = (): void => {
    last = clock.now();
    if (Math.abs(last - noted) < noteEvery) return;
    noted = last;
    slot.write(String(last));
  };
  return {
    watch() {
      const types = ['pointerdown', 'keydown', 'wheel', 'touchstart'];
      const options = { capture: true, passive: true } as const;
      acted();
      for (const type of types) window.addEventListener(type, acted, options);
      return () => {
        for (const type of types) window.removeEventListener(type, acted, options);
      };
    },
    idleSeconds() {
      const now = clock.now();
      const elsewhere = Number(slot.read() ?? 0);
      const latest = Math.max(last, elsewhere <= now ? elsewhere : 0);
      return Math.max(0, Math.floor((now - latest) / 1000));
    },
  };
}
