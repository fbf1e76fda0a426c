import type { Database } from '../browser/database.js';
import { TabDoor } from './tab-door.fixture.js';

type Work = Parameters<Database['transact']>[2];
type StoreName = 'records' | 'keys';

/** `full`: writing throws. `no keys`: as `full`, of keys alone, as in some modes of iOS. `blocked`: nothing works. */
type Fault = 'none' | 'full' | 'no keys' | 'blocked';

/** How one tab sees the database; each may have a fault of its own. */
export interface DatabaseOfTab extends Database {
  fault: Fault;
  /** How many transactions it has asked for. */
  asked: number;
}

/** One profile's IndexedDB: transactions of a store run one after another, each of its requests a step of its own. */
export interface SimulatedDatabase {
  readonly stores: Readonly<Record<StoreName, Map<string, unknown>>>;
  /** Whether the browser takes a transaction away from a frozen tab when another one waits for it, or lets that wait. */
  whenFrozen: 'aborts' | 'waits';
  /** Opens it in a tab, whose door everything goes through. */
  readonly open: (door?: TabDoor) => DatabaseOfTab;
}

/** Makes an empty database. */
export function simulatedDatabase(): SimulatedDatabase {
  const stores = { records: new Map<string, unknown>(), keys: new Map<string, unknown>() };
  const queues = { records: new TransactionQueue(), keys: new TransactionQueue() };
  const database: SimulatedDatabase = {
    stores,
    whenFrozen: 'aborts',
    open: (door = new TabDoor()) => {
      const tab: DatabaseOfTab = {
        fault: 'none',
        asked: 0,
        transact<T>(name: StoreName, mode: IDBTransactionMode, work: Work): Promise<T> {
          tab.asked += 1;
          if (tab.fault === 'blocked') return Promise.reject(new DOMException('blocked', 'UnknownError'));
          const refusal = (): DOMException | undefined => refusalOf(tab.fault, name, mode);
          return new Promise((resolve, reject) => {
            const place = { map: stores[name], queue: queues[name], door, refusal };
            const transaction = new Transaction(place, (result) => resolve(result as T), reject);
            transaction.begin(work);
            queues[name].add(transaction, database.whenFrozen === 'aborts');
          });
        },
      };
      return tab;
    },
  };
  return database;
}

function refusalOf(fault: Fault, name: StoreName, mode: IDBTransactionMode): DOMException | undefined {
  if (mode === 'readonly') return new DOMException('read-only', 'ReadOnlyError');
  if (fault === 'full') return new DOMException('full', 'QuotaExceededError');
  return fault === 'no keys' && name === 'keys' ? new DOMException('no keys', 'DataCloneError') : undefined;
}

/** First come, first served. */
class TransactionQueue {
  readonly #transactions: Transaction[] = [];

  add(transaction: Transaction, mayAbort: boolean): void {
    const [running] = this.#transactions;
    this.#transactions.push(transaction);
    if (!running) transaction.run();
    else if (mayAbort && running.door.isFrozen) running.fail(new DOMException('taken from a frozen tab', 'AbortError'));
  }

  end(transaction: Transaction): void {
    this.#transactions.splice(this.#transactions.indexOf(transaction), 1);
    this.#transactions[0]?.run();
  }
}

interface Place {
  readonly map: Map<string, unknown>;
  readonly queue: TransactionQueue;
  readonly door: TabDoor;
  /** Why nothing can be written, if nothing can. */
  readonly refusal: () => DOMException | undefined;
}

interface SimulatedRequest {
  result: unknown;
  onsuccess?: () => void;
}

/** What is written is seen by this transaction at once, and by others when it is committed. */
class Transaction {
  readonly #place: Place;
  readonly #resolve: (result: unknown) => void;
  readonly #reject: (error: unknown) => void;
  readonly #written = new Map<string, unknown>();
  readonly #requests: (() => void)[] = [];
  #settle = (): void => this.#reject(new Error('The transaction brought no result.'));
  #isOver = false;

  constructor(place: Place, resolve: (result: unknown) => void, reject: (error: unknown) => void) {
    this.#place = place;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  get door(): TabDoor {
    return this.#place.door;
  }

  begin(work: Work): void {
    const { map } = this.#place;
    const put = (value: unknown, key: string): SimulatedRequest => this.#put(value, key);
    const store = {
      get: (key: string) => this.#request(() => structuredClone(this.#written.get(key) ?? map.get(key))),
      count: () => this.#request(() => map.size),
      put,
      add: put,
    };
    try {
      work(store as unknown as IDBObjectStore, (value) => (this.#settle = () => this.#resolve(value)));
    } catch (error) {
      queueMicrotask(() => this.fail(error));
    }
  }

  /** Goes on with the next request, or commits. */
  run(): void {
    const next = this.#requests.shift();
    if (next) {
      this.door.enter(() => this.#answer(next));
      return;
    }
    for (const [key, value] of this.#written) this.#place.map.set(key, value);
    this.#end(() => this.#settle());
  }

  fail(error: unknown): void {
    this.#end(() => this.#reject(error));
  }

  #answer(request: () => void): void {
    if (this.#isOver) return;
    try {
      request();
      queueMicrotask(() => this.run());
    } catch (error) {
      this.fail(error);
    }
  }

  #put(value: unknown, key: string): SimulatedRequest {
    const refused = this.#place.refusal();
    if (refused) throw refused;
    const copy = structuredClone(value);
    return this.#request(() => (this.#written.set(key, copy), key));
  }

  #request(answer: () => unknown): SimulatedRequest {
    const made: SimulatedRequest = { result: undefined };
    this.#requests.push(() => {
      made.result = answer();
      made.onsuccess?.();
    });
    return made;
  }

  #end(tell: () => void): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#place.queue.end(this);
    this.door.enter(tell);
  }
}
