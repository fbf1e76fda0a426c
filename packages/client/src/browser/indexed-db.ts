import { parseRecord, parseRecordText } from '../core/parse-record.js';
import { type ChangeOutcome, type RecordChange, type SessionRecord, applyChange } from '../core/session-record.js';
import type { Stop, Storage } from '../ports.js';
import type { Hints } from './broadcast-channel.js';
import type { Database } from './database.js';
import { type Note, type Slot, writeCopy } from './web-storage.js';

/** The parts that a record in IndexedDB is kept with. */
export interface IndexedStorageParts {
  readonly name: string;
  readonly database: Database;
  /** The copy in localStorage. */
  readonly copy: Slot;
  readonly hints: Hints;
  readonly note: Note;
  /** What decides instead where IndexedDB does not work. */
  readonly fallback: Storage;
}

/**
 * The record in IndexedDB, which decides for all tabs, and its copy in localStorage, which never does: localStorage is
 * not coherent between a browser's processes. The copy is written inside the transaction, so that copies are written in
 * the order of the changes.
 */
export class IndexedStorage implements Storage {
  readonly #parts: IndexedStorageParts;
  /** What a full disk did not take: this tab goes on with it, and writes it with the next change. */
  #unsaved: SessionRecord | undefined;
  #broken = false;

  constructor(parts: IndexedStorageParts) {
    this.#parts = parts;
  }

  hint(): SessionRecord | undefined {
    return parseRecordText(this.#parts.copy.read());
  }

  read(): Promise<SessionRecord | undefined> {
    return this.#attempt(
      () => this.#readStored(),
      () => (this.#broken ? this.#parts.fallback.read() : Promise.resolve(this.#newest(undefined))),
    );
  }

  async change(change: RecordChange): Promise<ChangeOutcome> {
    const outcome = await this.#attempt(
      () => this.#changeStored(change),
      () => (this.#broken ? this.#parts.fallback.change(change) : this.#changeUnsaved(change)),
    );
    if (outcome.won) this.#parts.hints.send();
    return outcome;
  }

  watch(listener: () => void): Stop {
    const stops = [this.#parts.copy.watch(listener), this.#parts.hints.receive(listener)];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Without a record, the copy is taken for one: IndexedDB alone was lost, or has only now become usable. */
  #newest(stored: unknown): SessionRecord | undefined {
    const record = parseRecord(stored) ?? (stored === undefined ? this.hint() : undefined);
    return this.#unsaved && this.#unsaved.revision > (record?.revision ?? -1) ? this.#unsaved : record;
  }

  #readStored(): Promise<SessionRecord | undefined> {
    const { database, name, copy } = this.#parts;
    return database.transact('records', 'readonly', (store, done) => {
      const request = store.get(name);
      request.onsuccess = () => {
        const record = this.#newest(request.result);
        writeCopy(copy, record);
        done(record);
      };
    });
  }

  async #changeStored(change: RecordChange): Promise<ChangeOutcome> {
    const { database, name, copy } = this.#parts;
    const outcome = await database.transact<ChangeOutcome>('records', 'readwrite', (store, done) => {
      const request = store.get(name);
      request.onsuccess = () => {
        const made = applyChange(this.#newest(request.result), change);
        const { won, record } = made;
        if (won) store.put(record, name).onsuccess = () => writeCopy(copy, record);
        done(made);
      };
    });
    if (outcome.won) this.#unsaved = undefined;
    return outcome;
  }

  /** Reading still works, so the record decides and not its copy, which may be old. */
  async #changeUnsaved(change: RecordChange): Promise<ChangeOutcome> {
    const outcome = applyChange(await this.#readStored(), change);
    if (outcome.won) this.#unsaved = outcome.record;
    this.#parts.note('storage_full', 'IndexedDB');
    return outcome;
  }

  async #attempt<T>(work: () => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
    if (this.#broken) return otherwise();
    try {
      return await work();
    } catch {
      if (await isUsable(this.#parts.database)) return otherwise();
      this.#broken = true;
      this.#parts.note('indexeddb_unavailable');
      return otherwise();
    }
  }
}

/** Whether the database answers at all: a full one does, a blocked one does not. */
const isUsable = (database: Database): Promise<boolean> =>
  database
    .transact<boolean>('records', 'readonly', (store, done) => {
      store.count().onsuccess = () => done(true);
    })
    .catch(() => false);
