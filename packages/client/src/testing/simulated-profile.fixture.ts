import type { Hints } from '../browser/broadcast-channel.js';
import { openDatabase } from '../browser/database.js';
import { IndexedStorage } from '../browser/indexed-db.js';
import { intentKeys, keyStore } from '../browser/key-store.js';
import { type Note, type Slot, webStorage } from '../browser/web-storage.js';
import { formatCopy, parseRecord, parseRecordText } from '../core/parse-record.js';
import type { SessionRecord } from '../core/session-record.js';
import type { KeyStore, Random, Stop, Storage } from '../ports.js';
import { type DatabaseOfTab, simulatedDatabase } from './simulated-database.fixture.js';
import type { TabDoor } from './tab-door.fixture.js';

const name = 'default';
const key = `latchkey.${name}`;

type Listener = (unsaved?: SessionRecord) => void;

/** What a tab keeps its session in. */
export interface StorageOfTab {
  readonly database: DatabaseOfTab;
  readonly storage: Storage;
  readonly keys: KeyStore;
  /** When somebody last did something, as the tabs tell each other. */
  readonly acts: Slot;
}

/** localStorage, with its events, and the messages between tabs; each comes in at the doors of the others. */
class SharedPage {
  readonly local = new Map<string, string>();
  /** The records that were written for first paint, the newest last. */
  readonly copies: (SessionRecord | undefined)[] = [];
  readonly #listeners = new Map<TabDoor, Set<Listener>>();

  tell(by?: TabDoor, unsaved?: SessionRecord): void {
    const others = [...this.#listeners].filter(([door]) => door !== by);
    queueMicrotask(() => {
      for (const [door, calls] of others) for (const call of calls) door.enter(() => call(structuredClone(unsaved)));
    });
  }

  receive(door: TabDoor, call: Listener): Stop {
    const calls = this.#listeners.get(door) ?? new Set();
    this.#listeners.set(door, calls.add(call));
    return () => void calls.delete(call);
  }

  slot(door: TabDoor, slotKey: string): Slot {
    return {
      read: () => this.local.get(slotKey) ?? null,
      write: (text) => {
        this.local.set(slotKey, text);
        if (slotKey === key) {
          this.copies.push(parseRecordText(text));
          this.tell(door);
        }
        return true;
      },
      watch: (listener) => this.receive(door, () => listener()),
    };
  }

  hints(door: TabDoor): Hints {
    return { send: (unsaved) => this.tell(door, unsaved), receive: (call) => this.receive(door, call) };
  }
}

/** What the tabs of one browser profile share: our own storage code, over a simulated IndexedDB and localStorage. */
export function simulatedProfile(random: Random) {
  const database = simulatedDatabase();
  const page = new SharedPage();
  const { local, copies } = page;
  const web = {
    getItem: (item: string) => local.get(item) ?? null,
    setItem: (item: string, text: string) => void local.set(item, text),
    removeItem: (item: string) => void local.delete(item),
  };
  return {
    database,
    copies,
    /** The record that decides. */
    record: (): SessionRecord | undefined => parseRecord(database.stores.records.get(name)),
    /** Puts another record there, as a crash that rolls back does. Tells every tab. */
    put(record: SessionRecord | undefined): void {
      database.stores.records.set(name, record);
      local.set(key, record ? formatCopy(record) : '');
      page.tell();
    },
    /** Without a database: the platform that the tests run on has none. */
    tab(door: TabDoor, { note, hasDatabase = true }: { note: Note; hasDatabase?: boolean }): StorageOfTab {
      const opened = database.open(door);
      const used = hasDatabase ? opened : openDatabase();
      const copy = page.slot(door, key);
      const parts = { name, database: used, copy, hints: page.hints(door), note, fallback: webStorage(copy) };
      return {
        database: opened,
        storage: new IndexedStorage(parts),
        keys: keyStore(used, intentKeys(name, web, random)),
        acts: page.slot(door, `${key}.active`),
      };
    },
  };
}
