import { expect, it } from 'vitest';
import type { RecordChange, SessionRecord } from '../core/session-record.js';
import { expectedOf } from '../core/session-record.js';
import { issuedTokens, signInWith, signedInShelf } from '../testing/machine-driver.fixture.js';
import { simulatedDatabase } from '../testing/simulated-database.fixture.js';
import { TabDoor, turn } from '../testing/tab-door.fixture.js';
import type { Database } from './database.js';
import { IndexedStorage } from './indexed-db.js';
import { intentKeys, keyStore } from './key-store.js';
import { type Slot, memoryStorage, storageSlot, webStorage } from './web-storage.js';

/** A database as one tab sees it, faults when the test says so, and what is in it. */
function openFaulty() {
  const { open, stores } = simulatedDatabase();
  return Object.assign(open(), { stores });
}

function memorySlot(): Slot & { text: string | null } {
  const slot = {
    text: null as string | null,
    read: () => slot.text,
    write(text: string) {
      slot.text = text;
      return true;
    },
    watch: () => () => undefined,
  };
  return slot;
}

function openTab(database: Database, copy: Slot) {
  const notes: string[] = [];
  const note = (event: string) => void notes.push(event);
  const hints = { send: () => undefined, receive: () => () => undefined };
  const storage = new IndexedStorage({
    name: 'default',
    database: database,
    copy,
    hints,
    note,
    fallback: webStorage(copy),
  });
  return { storage, notes };
}

const signIn = signInWith(issuedTokens('0'));
const rotate = (record: SessionRecord, name: string): RecordChange => ({
  kind: 'tokens',
  expected: expectedOf(record.epoch, record.session!),
  tokens: issuedTokens(name, { generation: undefined }),
});

it('the record decides, and its copy follows: a stale or cleared copy is written again', async () => {
  const [database, copy] = [openFaulty(), memorySlot()];
  const { storage } = openTab(database, copy);
  const { record } = await storage.change(signIn);
  expect(copy.text).toContain('access-0');
  copy.text = null;
  expect(await storage.read()).toEqual(record);
  expect(copy.text).toContain('access-0');
  await storage.change(rotate(record!, '1'));
  expect(copy.text).toContain('access-1');
  expect(storage.hint()?.session?.accessToken).toBe('access-1');
});

it('E26: a full disk loses no rotated token: this tab goes on with it and writes it with a later change', async () => {
  const [database, copy] = [openFaulty(), memorySlot()];
  const { storage, notes } = openTab(database, copy);
  const first = (await storage.change(signIn)).record!;
  database.fault = 'full';
  const second = await storage.change(rotate(first, '1'));
  expect(second).toMatchObject({ won: true, record: { session: { refreshToken: 'refresh-1' } } });
  expect(notes).toContain('storage_full');
  expect((await storage.read())?.session?.refreshToken).toBe('refresh-1');
  database.fault = 'none';
  await storage.change(rotate(first, 'late'));
  expect((await storage.read())?.session?.refreshToken).toBe('refresh-1');
  await storage.change(rotate(second.record!, '2'));
  const stored = database.stores.records.get('default') as SessionRecord;
  expect(stored.session?.refreshToken).toBe('refresh-2');
  expect(stored.session?.superseded.length).toBe(2);
});

it('a transaction that the browser takes away, from a tab that it freezes, is made again: the disk is not full', async () => {
  const [{ open, stores }, copy, door] = [simulatedDatabase(), memorySlot(), new TabDoor()];
  const [{ storage, notes }, other] = [openTab(open(door), copy), openTab(open(), copy)];
  const first = (await storage.change(signIn)).record!;
  door.freezeAfter(1);
  const changed = storage.change(rotate(first, '1'));
  await turn();
  expect((await other.storage.read())?.session?.refreshToken).toBe('refresh-0');
  await door.thaw();
  expect((await changed).won).toBe(true);
  expect(stores.records.get('default')).toMatchObject({ session: { refreshToken: 'refresh-1' } });
  expect(notes).toEqual([]);
});

it('a full disk decides by the record and not by an old copy', async () => {
  const [database, copy] = [openFaulty(), memorySlot()];
  const { storage } = openTab(database, copy);
  const first = (await storage.change(signIn)).record!;
  const old = copy.text;
  const second = (await storage.change(rotate(first, '1'))).record!;
  copy.text = old;
  database.fault = 'full';
  expect((await storage.change(rotate(second, '2'))).won).toBe(true);
});

it('E40: without a database the copy decides, which is told once', async () => {
  const [database, copy] = [openFaulty(), memorySlot()];
  database.fault = 'blocked';
  const { storage, notes } = openTab(database, copy);
  await storage.change(signIn);
  expect((await storage.read())?.session?.accessToken).toBe('access-0');
  expect(notes).toEqual(['indexeddb_unavailable']);
});

it('what is no record is absent, and is not replaced by the copy', async () => {
  const [database, copy] = [openFaulty(), memorySlot()];
  const { storage } = openTab(database, copy);
  database.stores.records.set('default', { version: 9 });
  copy.text = JSON.stringify(signedInShelf().record);
  expect(await storage.read()).toBeUndefined();
});

it('tabs of a profile make the same key for a token, another for another, and none can be read out (C4)', async () => {
  const database = openFaulty();
  const intents = intentKeys('default', undefined, { fraction: () => 0, id: () => 'x' });
  const [one, two] = [keyStore(database, intents), keyStore(database, intents)];
  const keys = await Promise.all([one, two].map((store) => store.idempotencyKey('refresh-1', 'K')));
  expect(keys[0]).toMatch(/^[\w-]{43}$/);
  expect(keys[0]).toBe(keys[1]);
  expect(await one.idempotencyKey('refresh-2', 'K')).not.toBe(keys[0]);
  expect(await one.tier()).toBe('K');
  const key = database.stores.keys.get('idempotency') as CryptoKey;
  expect([key.extractable, key.usages]).toEqual([false, ['sign']]);
  await expect(crypto.subtle.exportKey('raw', key)).rejects.toThrow();
});

it('E48: a session that began with the profile’s key is never refreshed with another', async () => {
  const database = openFaulty();
  database.fault = 'blocked';
  const slots = new Map<string, string>();
  const web = {
    getItem: (key: string) => slots.get(key) ?? null,
    setItem: (key: string, text: string) => void slots.set(key, text),
    removeItem: () => undefined,
  };
  let ids = 0;
  const random = { fraction: () => 0, id: () => `id-${++ids}` };
  const store = keyStore(database, intentKeys('default', web, random));
  await expect(store.idempotencyKey('refresh-1', 'K')).rejects.toThrow();
  expect(await store.tier()).toBe('intent');
  const drawn = await store.idempotencyKey('refresh-1', 'intent');
  expect(await keyStore(undefined, intentKeys('default', web, random)).idempotencyKey('refresh-1', 'intent')).toBe(
    drawn,
  );
  database.fault = 'none';
  expect(await store.idempotencyKey('refresh-1', 'K')).toMatch(/^[\w-]{43}$/);
});

it('a full or throwing web storage never throws, keeps the session in memory and says who fills it', async () => {
  const notes: (string | undefined)[] = [];
  const full = {
    'app.photos': 'x'.repeat(4096),
    getItem: () => null,
    removeItem: () => undefined,
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError');
    },
  };
  const storage = webStorage(storageSlot(full, ['latchkey.default'], (event, reason) => notes.push(event, reason)));
  expect((await storage.change(signIn)).won).toBe(true);
  expect((await storage.read())?.session?.accessToken).toBe('access-0');
  expect(notes[0]).toBe('storage_full');
  expect(notes[1]).toContain('app.photos: 8 KiB');
  const memory = memoryStorage();
  await memory.change(signIn);
  expect((await memory.read())?.session?.accessToken).toBe('access-0');
});
