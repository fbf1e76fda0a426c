import { newestOf } from '../core/copy-news.js';
import { formatCopy, parseRecordText } from '../core/parse-record.js';
import { type RecordChange, type SessionRecord, applyChange } from '../core/session-record.js';
import type { Stop, Storage } from '../ports.js';
import type { StorageLike } from '../session.js';

/** Puts an entry of the timeline down. */
export type Note = (event: string, reason?: string) => void;

/** A text in web storage that may be full, blocked, cleared or edited by anybody: never throws. */
export interface Slot {
  read(): string | null;
  /** False if it could not be written; what was there before is then still there. */
  write(text: string): boolean;
  watch(listener: () => void): Stop;
  /** Keeps the app's older keys in step. */
  readonly mirror?: ((session: SessionRecord['session']) => void) | undefined;
}

/** One key of a web storage; who watches it is told of changes of `others`, too. */
export function storageSlot(
  storage: StorageLike | undefined,
  [key, ...others]: readonly [string, ...(string | undefined)[]],
  note: Note,
): Slot {
  return {
    read() {
      try {
        return storage?.getItem(key) ?? null;
      } catch {
        return null;
      }
    },
    write(text) {
      try {
        storage?.setItem(key, text);
        return storage !== undefined;
      } catch {
        note('storage_full', usage(storage));
        return false;
      }
    },
    watch(listener) {
      if (typeof window === 'undefined') return () => undefined;
      const onStorage = (event: StorageEvent): void => {
        if (event.key === null || event.key === key || others.includes(event.key)) listener();
      };
      window.addEventListener('storage', onStorage);
      return () => window.removeEventListener('storage', onStorage);
    },
  };
}

/** Who uses how much of the limit, in KiB by key, largest first: what a developer needs to mend it. */
function usage(storage: StorageLike | undefined): string {
  try {
    const sizes = Object.entries({ ...storage }).map(([key, text]) => [key, String(text).length / 512] as const);
    sizes.sort((a, b) => b[1] - a[1]);
    return sizes
      .slice(0, 5)
      .map(([key, size]) => `${key}: ${size.toFixed(0)} KiB`)
      .join(', ');
  } catch {
    return '';
  }
}

/** Finds a storage of the page; `undefined` where a getter throws, is null or there is no page. */
export function findStorage(kind: 'localStorage' | 'sessionStorage'): StorageLike | undefined {
  try {
    return (globalThis as Partial<Pick<Window, typeof kind>>)[kind] ?? undefined;
  } catch {
    return undefined;
  }
}

/** A record in web storage. */
export interface WebStorage extends Storage {
  /** What storage did not take, for the other tabs that use it. */
  unsaved(): SessionRecord | undefined;
  /** Goes on with what storage did not take from another tab. */
  take(unsaved: SessionRecord): void;
}

/**
 * A record in web storage that decides by itself: for `sessionStorage`, an app's own storage, or where there is no
 * IndexedDB. What cannot be written stays in this page's memory. Nor does what this tab has ended come back, though
 * without transactions another tab may write it again.
 */
export function webStorage(slot: Slot): WebStorage {
  let unsaved: SessionRecord | undefined;
  let ending: RecordChange | undefined;
  const keep = (record: SessionRecord): SessionRecord => {
    unsaved = slot.write(JSON.stringify(record)) ? undefined : record;
    return record;
  };
  const current = (): SessionRecord | undefined => {
    const stored = newestOf(unsaved, parseRecordText(slot.read()));
    const again = ending && applyChange(stored, ending);
    return again?.won && again.record ? keep(again.record) : stored;
  };
  return {
    hint: current,
    read: () => Promise.resolve(current()),
    change(change) {
      const outcome = applyChange(current(), change);
      const { record, won } = outcome;
      if (won && record) keep(record);
      const ended = won ? record?.ended : undefined;
      if (ended) ending = { kind: 'signed-out', ...ended, revoke: true };
      return Promise.resolve(outcome);
    },
    watch: (listener) => slot.watch(listener),
    unsaved: () => unsaved,
    take: (other) => void (unsaved = newestOf(unsaved, other)),
  };
}

/** Nothing is kept, nor shared: a reload signs out. */
export function memoryStorage(): WebStorage {
  const storage = webStorage({ read: () => null, write: () => false, watch: () => () => undefined });
  return { ...storage, unsaved: () => undefined, take: () => undefined };
}

/** Writes the synchronous copy if it says something else than the record. */
export function writeCopy(slot: Slot, record: SessionRecord | undefined): void {
  if (!record) return;
  const text = formatCopy(record);
  if (slot.read() === text) return;
  slot.write(text);
  slot.mirror?.(record.session);
}
