/** How long opening may take: some engines neither open nor fail. */
const openWithin = 3000;

/** The profile's database: `records` (one a session name) and `keys`. */
export interface Database {
  /**
   * Runs one transaction; `work` gets the store and calls `done` with the result. What was written is delivered once it is
   * committed, what was only read at once: the first request of a page waits for it.
   */
  transact<T>(
    store: 'records' | 'keys',
    mode: IDBTransactionMode,
    work: (store: IDBObjectStore, done: (result: T) => void) => void,
  ): Promise<T>;
}

/** Whether there is an IndexedDB to try; where storage is blocked, its very getter may throw. */
export function hasIndexedDb(): boolean {
  try {
    return typeof indexedDB === 'object' && (indexedDB as unknown) !== null;
  } catch {
    return false;
  }
}

/** Opens IndexedDB when it is first needed, and again when the browser has closed it. */
export function openDatabase(): Database {
  let opened: Promise<IDBDatabase> | undefined;
  const open = (): Promise<IDBDatabase> => {
    const forget = (): void => (opened = undefined);
    if (!opened) {
      opened = openOnce(forget);
      opened.catch(forget);
    }
    return opened;
  };
  return {
    async transact(storeName, mode, work) {
      const database = await open();
      return new Promise((resolve, reject) => {
        const transaction = database.transaction(storeName, mode);
        let settle = (): void => reject(new Error('The transaction brought no result.'));
        work(transaction.objectStore(storeName), (result) => {
          settle = () => resolve(result);
          if (mode !== 'readonly') return;
          settle();
          // Else it would stay open for what follows, and block every other tab's writes if this one is frozen there.
          transaction.commit();
        });
        transaction.oncomplete = () => settle();
        transaction.onabort = () => reject(transaction.error ?? new Error('The transaction was aborted.'));
      });
    },
  };
}

function openOnce(forget: () => void): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const refuse = (error: unknown): void => {
      clearTimeout(timer);
      reject(error instanceof Error ? error : new Error('IndexedDB cannot be opened.'));
    };
    const timer = setTimeout(refuse, openWithin);
    try {
      const request = indexedDB.open('latchkey', 1);
      request.onupgradeneeded = () => {
        request.result.createObjectStore('records');
        request.result.createObjectStore('keys');
      };
      request.onerror = () => refuse(request.error);
      request.onsuccess = () => {
        clearTimeout(timer);
        const database = request.result;
        database.onclose = forget;
        database.onversionchange = () => {
          forget();
          database.close();
        };
        resolve(database);
      };
    } catch (error) {
      refuse(error);
    }
  });
}
