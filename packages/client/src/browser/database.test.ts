import { afterEach, expect, it } from 'vitest';
import { hasIndexedDb, openDatabase } from './database.js';

afterEach(() => void Reflect.deleteProperty(globalThis, 'indexedDB'));

it('there is no IndexedDB where its getter throws, gives null or is missing', () => {
  expect(hasIndexedDb()).toBe(false);
  const blocked = () => {
    throw new DOMException('denied', 'SecurityError');
  };
  Object.defineProperty(globalThis, 'indexedDB', { get: blocked, configurable: true });
  expect(hasIndexedDb()).toBe(false);
  Object.defineProperty(globalThis, 'indexedDB', { value: null, configurable: true });
  expect(hasIndexedDb()).toBe(false);
  Object.defineProperty(globalThis, 'indexedDB', { value: {}, configurable: true });
  expect(hasIndexedDb()).toBe(true);
});

it('a database that could not be opened is tried again when it is next needed', async () => {
  let tries = 0;
  const open = () => {
    tries += 1;
    throw new DOMException('not now', 'UnknownError');
  };
  Object.defineProperty(globalThis, 'indexedDB', { value: { open }, configurable: true });
  const database = openDatabase();
  for (let i = 1; i <= 2; i += 1) {
    await expect(database.transact('records', 'readonly', () => undefined)).rejects.toThrow('not now');
    expect(tries).toBe(i);
  }
});

it('what is read is there at once, what is written once it is committed', async () => {
  let commits = 0;
  const transaction: { objectStore: () => object; commit: () => void; oncomplete?: () => void } = {
    objectStore: () => ({}),
    commit: () => void (commits += 1),
  };
  const request: { result: object; onsuccess?: () => void } = { result: { transaction: () => transaction } };
  const open = () => (queueMicrotask(() => request.onsuccess?.()), request);
  Object.defineProperty(globalThis, 'indexedDB', { value: { open }, configurable: true });
  const database = openDatabase();
  expect(await database.transact('records', 'readonly', (_, done) => done('read'))).toBe('read');
  expect(commits, 'nothing that follows keeps it open').toBe(1);

  let written: string | undefined;
  const writing = database.transact<string>('records', 'readwrite', (_, done) => done('written'));
  void writing.then((result) => (written = result));
  await new Promise(setImmediate);
  expect(written).toBeUndefined();
  expect(commits).toBe(1);
  transaction.oncomplete?.();
  expect(await writing).toBe('written');
});
