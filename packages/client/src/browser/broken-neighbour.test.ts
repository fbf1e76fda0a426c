import { expect, it } from 'vitest';
import { type RecordChange, type SessionRecord, expectedOf } from '../core/session-record.js';
import { issuedTokens, signInWith } from '../testing/machine-driver.fixture.js';
import { simulatedDatabase } from '../testing/simulated-database.fixture.js';
import type { Hints } from './broadcast-channel.js';
import { IndexedStorage } from './indexed-db.js';
import { type Slot, webStorage } from './web-storage.js';

/** Tabs of one profile; `fault` breaks the database or the disk for one of them. */
function openProfile() {
  const { open, stores } = simulatedDatabase();
  const listeners = new Map<object, (unsaved?: SessionRecord) => void>();
  const web = { text: null as string | null, isFull: false };
  const slot: Slot = {
    read: () => web.text,
    write: (text) => {
      if (!web.isFull) web.text = text;
      return !web.isFull;
    },
    watch: () => () => undefined,
  };
  const tab = () => {
    const self = {};
    const hints: Hints = {
      send(unsaved) {
        for (const [other, listener] of listeners) if (other !== self) listener(structuredClone(unsaved));
      },
      receive(listener) {
        listeners.set(self, listener);
        return () => undefined;
      },
    };
    const database = open();
    const parts = { name: 'default', database, copy: slot, hints, note: () => undefined, fallback: webStorage(slot) };
    const storage = new IndexedStorage(parts);
    storage.watch(() => undefined);
    return { storage, database };
  };
  return { tab, web, stored: () => stores.records.get('default') as SessionRecord };
}

const signIn = signInWith(issuedTokens('0'));
const signOut: RecordChange = { kind: 'signed-out', reason: 'user', sessionId: 'session-a', revoke: true };
const rotate = (record: SessionRecord, name: string): RecordChange => ({
  kind: 'tokens',
  expected: expectedOf(record.epoch, record.session!),
  tokens: issuedTokens(name, { sessionId: record.session!.id, generation: undefined }),
});

it('E48: what a tab without IndexedDB ends is ended in the record, too, for good', async () => {
  const { tab, web, stored } = openProfile();
  const [sound, broken] = [tab(), tab()];
  await sound.storage.change(signIn);
  broken.database.fault = 'blocked';
  expect((await broken.storage.change(signOut)).won).toBe(true);
  expect((await sound.storage.read())?.session).toBeNull();
  web.text = null;
  expect(stored()).toMatchObject({ session: null, ended: { sessionId: 'session-a' }, unrevoked: ['refresh-0'] });
  expect((await sound.storage.read())?.session).toBeNull();
});

it('E48: a refresh in the sound tab at the same time does not bring it back', async () => {
  const { tab, web } = openProfile();
  const [sound, broken] = [tab(), tab()];
  const { record } = await sound.storage.change(signIn);
  broken.database.fault = 'blocked';
  await broken.storage.change(signOut);
  const [ended, before] = [web.text, JSON.stringify(record)];
  // Where localStorage is not coherent, the sound tab sees the copy from before, and writes over the newer one.
  web.text = before;
  expect((await sound.storage.change(rotate(record!, '1'))).won).toBe(true);
  expect(web.text).not.toBe(ended);
  expect((await broken.storage.read())?.session).toBeNull();
  expect((await sound.storage.read())?.session).toBeNull();
});

it('E48: who signs in in a tab without IndexedDB is signed in in the others, and what either refreshes counts', async () => {
  const { tab, stored } = openProfile();
  const [sound, broken] = [tab(), tab()];
  await sound.storage.change(signIn);
  broken.database.fault = 'blocked';
  const bea = { ...signInWith(issuedTokens('bea', { sessionId: 'session-b' })), tier: 'intent' } as RecordChange;
  const { record } = await broken.storage.change(bea);
  expect((await sound.storage.read())?.session?.id).toBe('session-b');
  expect(stored().session?.id).toBe('session-b');
  const first = await broken.storage.change(rotate(record!, 'bea-1'));
  const late = await sound.storage.change(rotate(record!, 'late'));
  expect(late.won, 'compared with what the other has set').toBe(false);
  expect(stored().session?.refreshToken).toBe('refresh-bea-1');
  await sound.storage.change(rotate(first.record!, 'bea-2'));
  expect((await broken.storage.read())?.session?.refreshToken).toBe('refresh-bea-2');
});

it('E26: what no storage takes is handed to the other tabs, and whoever finds room writes it', async () => {
  const { tab, web, stored } = openProfile();
  const [one, other, third] = [tab(), tab(), tab()];
  const { record } = await one.storage.change(signIn);
  one.database.fault = 'full';
  other.database.fault = 'full';
  web.isFull = true;
  const { record: next } = await one.storage.change(rotate(record!, '1'));
  expect((await other.storage.read())?.session?.refreshToken).toBe('refresh-1');
  expect(stored().session?.refreshToken).toBe('refresh-0');
  expect((await other.storage.change(rotate(record!, 'late'))).won).toBe(false);
  expect((await third.storage.read())?.session?.refreshToken).toBe('refresh-1');
  expect(stored().session?.refreshToken, 'the third has room').toBe('refresh-1');
  one.database.fault = 'none';
  await one.storage.change(rotate(next!, '2'));
  expect(stored().session?.refreshToken).toBe('refresh-2');
  expect((await other.storage.read())?.session?.refreshToken).toBe('refresh-2');
});

it('E26: a sign-out is newer than any number of refreshes that were not written', async () => {
  const { tab, stored } = openProfile();
  const [one, other] = [tab(), tab()];
  const { record } = await one.storage.change(signIn);
  one.database.fault = 'full';
  const second = (await one.storage.change(rotate(record!, '1'))).record!;
  await one.storage.change(rotate(second, '2'));
  await other.storage.change(signOut);
  expect((await one.storage.read())?.session).toBeNull();
  one.database.fault = 'none';
  expect((await one.storage.read())?.session).toBeNull();
  expect(stored().session).toBeNull();
});
