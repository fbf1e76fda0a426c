import { type SessionRecord, applyChange } from '../core/session-record.js';
import type { Storage } from '../ports.js';

/** One profile's storage, for any number of simulated tabs. */
export interface MemoryStorage {
  /** Opens the storage as another tab; the others are told of its changes. */
  tab(): Storage;
  /** What is stored. */
  record(): SessionRecord | undefined;
  /** Puts another record there, as a crash that rolls back or a person with developer tools does. Tells every tab. */
  put(record: SessionRecord | undefined): void;
}

/** Makes a storage that decides for all its tabs and lives as long as the test. */
export function memoryStorage(): MemoryStorage {
  const tabs = new Set<Set<() => void>>();
  let record: SessionRecord | undefined;
  const put = (next: SessionRecord | undefined, by?: Set<() => void>): void => {
    record = next;
    for (const tab of tabs) if (tab !== by) for (const listener of tab) queueMicrotask(listener);
  };
  return {
    record: () => record,
    put: (next) => put(next),
    tab() {
      const listeners = new Set<() => void>();
      tabs.add(listeners);
      return {
        hint: () => record,
        read: () => Promise.resolve(record),
        change(change) {
          const outcome = applyChange(record, change);
          if (outcome.won) put(outcome.record, listeners);
          return Promise.resolve(outcome);
        },
        watch(listener) {
          listeners.add(listener);
          return () => void listeners.delete(listener);
        },
      };
    },
  };
}
