import { afterEach, expect, it } from 'vitest';
import { hasIndexedDb } from './database.js';

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
