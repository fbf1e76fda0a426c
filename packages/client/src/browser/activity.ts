import type { Activity, Clock } from '../ports.js';
import type { Slot } from './web-storage.js';

/** A note for the other tabs is written at most this often, in milliseconds; our choice: inactivity counts in minutes. */
const noteEvery = 5000;

/**
 * Watches for what only a person does: keys, pointers, touches, opening the page. The last moment of any tab counts;
 * tabs tell each other through one small key of web storage, which holds a time and nothing else.
 */
export function personActivity(slot: Slot, clock: Clock): Activity {
  const listeners = new Set<(idleSeconds: number) => void>();
  let last: number = clock.now();
  let noted = 0;
  let beforeOpening = 0;
  /** The last moment that a tab noted, unless it is still to come. */
  const elsewhere = (): number => {
    const time = Number(slot.read() ?? 0);
    return time <= clock.now() ? time : 0;
  };
  const since = (time: number): number => Math.max(0, Math.floor((clock.now() - time) / 1000));
  const note = (): void => {
    noted = last;
    slot.write(String(last));
  };
  const idleSeconds = (): number => {
    // The last act may have come too soon after one that was noted. Who asks is to hear the same in every tab.
    if (last > noted && last > elsewhere()) note();
    return since(Math.max(last, elsewhere()));
  };
  const acted = (): void => {
    last = clock.now();
    if (Math.abs(last - noted) >= noteEvery) note();
  };
  const heard = (): void => {
    const idle = listeners.size > 0 ? idleSeconds() : 0;
    acted();
    for (const listener of [...listeners]) listener(idle);
  };
  return {
    act: heard,
    idleSeconds,
    idleBeforeOpening: () => beforeOpening,
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    watch() {
      const types = ['pointerdown', 'keydown', 'wheel', 'touchstart'];
      const options = { capture: true, passive: true } as const;
      const noticed = elsewhere();
      beforeOpening = noticed > 0 ? since(noticed) : 0;
      acted();
      for (const type of types) window.addEventListener(type, heard, options);
      return () => {
        for (const type of types) window.removeEventListener(type, heard, options);
      };
    },
  };
}
