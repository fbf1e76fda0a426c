import { newestOf, withNews } from '../core/copy-news.js';
import { parseRecord, parseRecordText } from '../core/parse-record.js';
import { type ChangeOutcome, type RecordChange, type SessionRecord, applyChange } from '../core/session-record.js';
import type { Stop, Storage } from '../ports.js';
import type { Hints } from './broadcast-channel.js';
import type { Database } from './database.js';
import { type Note, type Slot, type WebStorage, writeCopy } from './web-storage.js';

/** The parts that a record in IndexedDB is kept with. */
export interface IndexedStorageParts {
  readonly name: string;
  readonly database: Database;
  /** The copy in localStorage. */
  readonly copy: Slot;
  readonly hints: Hints;
  readonly note: Note;
  /** What decides instead where IndexedDB does not work. */
  readonly fallback: WebStorage;
}

/**
 * The record in IndexedDB, which decides for all tabs, and its copy in localStorage, which never does: localStorage is
 * not coherent between a browser's processes. The copy is written inside the transaction, so that copies are written in
 * the order of the changes. From the copy comes only what a tab without IndexedDB did.
 */
export class IndexedStorage implements Storage {
  readonly #parts: IndexedStorageParts;
  /** What a full disk did not take from this tab or another: it goes on with that, and tries again at every look. */
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
      () => (this.#broken ? this.#parts.fallback.read() : Promise.resolve(this.#newest(undefined).record)),
    );
  }

  async change(change: RecordChange): Promise<ChangeOutcome> {
    const outcome = await this.#attempt(
      () => this.#changeStored(change),
      () => (this.#broken ? this.#parts.fallback.change(change) : this.#changeUnsaved(change)),
    );
    if (outcome.won) this.#parts.hints.send(this.#broken ? this.#parts.fallback.unsaved() : this.#unsaved);
    return outcome;
  }

  watch(listener: () => void): Stop {
    const { copy, hints, fallback } = this.#parts;
    const heard = (unsaved?: SessionRecord): void => {
      if (unsaved && this.#broken) fallback.take(unsaved);
      else if (unsaved) this.#unsaved = newestOf(this.#unsaved, unsaved);
      listener();
    };
    const stops = [copy.watch(listener), hints.receive(heard)];
    return () => {
      for (const stop of stops) stop();
    };
  }

  /** Without a record, the copy is taken for one: IndexedDB alone was lost, or has only now become usable. */
  #newest(stored: unknown): Newest {
    const copy = this.hint();
    const found = parseRecord(stored) ?? (stored === undefined ? copy : undefined);
    const record = newestOf(this.#unsaved, found && withNews(found, copy));
    return { record, isNews: stored !== undefined && record !== found };
  }

  async #readStored(): Promise<SessionRecord | undefined> {
    const seen = await this.#look();
    const { record } = seen.isNews ? await this.#changeStored().catch(() => seen) : seen;
    return record;
  }

  #look(): Promise<Newest> {
    const { database, name, copy } = this.#parts;
    return database.transact('records', 'readonly', (store, done) => {
      const request = store.get(name);
      request.onsuccess = () => {
        const seen = this.#newest(request.result);
        writeCopy(copy, seen.record);
        done(seen);
      };
    });
  }

  /** Without a change, it keeps what is news. */
  async #changeStored(change?: RecordChange): Promise<ChangeOutcome> {
    const { database, name, copy } = this.#parts;
    const outcome = await database.transact<ChangeOutcome>('records', 'readwrite', (store, done) => {
      const request = store.get(name);
      request.onsuccess = () => {
        const { record: current, isNews } = this.#newest(request.result);
        const made = change ? applyChange(current, change) : { record: current, won: false };
        const { record, won } = made;
        if (won || isNews) store.put(record, name).onsuccess = () => writeCopy(copy, record);
        done(made);
      };
    });
    if (outcome.won || !change) this.#unsaved = undefined;
    return outcome;
  }

  /** Reading still works, so the record decides and not its copy, which may be old. */
  async #changeUnsaved(change: RecordChange): Promise<ChangeOutcome> {
    const outcome = applyChange((await this.#look()).record, change);
    if (outcome.won) this.#unsaved = outcome.record;
    this.#parts.note('storage_full', 'IndexedDB');
    return outcome;
  }

  async #attempt<T>(work: () => Promise<T>, otherwise: () => Promise<T>): Promise<T> {
    if (this.#broken) return otherwise();
    try {
      return await work();
    } catch {
      // A browser may take a transaction away, from a tab that it freezes: only what fails twice is a full disk.
      if (await isUsable(this.#parts.database)) return work().catch(otherwise);
      this.#giveUp();
      return otherwise();
    }
  }

  /** Told once, though several transactions may be under way. */
  #giveUp(): void {
    if (!this.#broken) this.#parts.note('indexeddb_unavailable');
    this.#broken = true;
  }
}

/** The record as this tab has to take it; `isNews`: IndexedDB does not hold it yet. */
interface Newest {
  readonly record: SessionRecord | undefined;
  readonly isNews: boolean;
}

/** Whether the database answers at all: a full one does, a blocked one does not. */
const isUsable = (database: Database): Promise<boolean> =>
  database
    .transact<boolean>('records', 'readonly', (store, done) => {
      store.count().onsuccess = () => done(true);
    })
    .catch(() => false);
