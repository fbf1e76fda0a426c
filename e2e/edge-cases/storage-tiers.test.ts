import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import {
  accessToken,
  call,
  pageErrors,
  refresh,
  signedOutReasons,
  signIn,
  signOut,
  signUp,
  snapshot,
  storedSession,
  untilStatus,
} from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

const refreshes = /^POST \/auth\/refresh/;
const noDatabase = `Object.defineProperty(window, 'indexedDB', { value: undefined })`;
const closedDatabase = `IDBFactory.prototype.open = () => { throw new DOMException('not now', 'UnknownError') }`;
/** Some iOS modes have an IndexedDB that takes everything but keys. */
const keylessDatabase = `for (const verb of ['add', 'put']) {
  const store = IDBObjectStore.prototype[verb];
  IDBObjectStore.prototype[verb] = function (value, ...rest) {
    if (value instanceof CryptoKey) throw new DOMException('A key cannot be cloned.', 'DataCloneError');
    return store.call(this, value, ...rest);
  };
}`;

describe('E40: without an IndexedDB that works, the session lives by its copy, in a tier that the snapshot states', () => {
  const ways: [string, string][] = [
    ['there is none', noDatabase],
    ['it does not open', closedDatabase],
    ['it takes no keys', keylessDatabase],
  ];
  test.each(ways)('E40: %s', async (_, preamble) => {
    const world = await startWorld({ movesTime: true });
    world.page.preamble = preamble;
    const profile = await world.openProfile();
    const tabs = [await profile.newTab(world.page.origin), await profile.newTab(world.page.origin)];
    await signUp(tabs[0]!);
    for (const tab of tabs) await untilStatus(tab, 'signed-in');
    for (let round = 1; round <= 3; round++) {
      await world.advance(minutes(16));
      for (const tab of tabs) expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
      // A tab may read localStorage as it was before the other's refresh, and then repeats that: once.
      expect(world.proxy.count(refreshes), 'no loop').toBeLessThanOrEqual(tabs.length * round);
    }
    await tabs[1]!.reload();
    await untilStatus(tabs[1]!, 'signed-in');
    for (const tab of tabs) {
      expect((await snapshot(tab)).tier).toBe('intent');
      expect(await signedOutReasons(tab)).toEqual([]);
      expect(await pageErrors(tab)).toEqual([]);
    }
  });
});

describe('E48: IndexedDB opens in one tab and throws in another', () => {
  /** A tab of each kind; nothing of the one has been seen by the other but by what both store. */
  async function openBoth() {
    const world = await startWorld({ movesTime: true });
    const profile = await world.openProfile();
    const sound = await profile.newTab(world.page.origin);
    world.page.preamble = closedDatabase;
    const broken = await profile.newTab(world.page.origin);
    await signUp(sound, 'bea');
    await signOut(sound);
    await signUp(sound, 'ada');
    await untilUser(broken, 'ada');
    return { world, profile, sound, broken };
  }
  const untilUser = (tab: Tab, name: string | undefined): Promise<void> =>
    until(async () => (await snapshot(tab)).user?.username === name, { what: `the page shows ${name ?? 'nobody'}` });

  test('E48: nobody makes a second key, and nobody is signed out', async () => {
    const { world, sound, broken } = await openBoth();
    for (let round = 1; round <= 2; round++) {
      await world.advance(minutes(16));
      for (const tab of [broken, sound]) expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
      expect(world.proxy.count(refreshes)).toBe(round);
    }
    world.page.preamble = '';
    await sound.goto(`${world.page.origin}/elsewhere`);
    await sound.evaluate(() => window.lab.session.start()());
    const keys = world.proxy.refreshesByKey().size;
    expect(await refresh(broken), 'it waits for a tab that can').toBe('ERR_STORAGE');
    expect(world.proxy.refreshesByKey().size).toBe(keys);
    for (const tab of [sound, broken]) expect(await signedOutReasons(tab)).not.toContain('refused');
    expect((await snapshot(broken)).status).toBe('signed-in');
  });

  test('E48: a sign-out in the broken tab holds in the sound one, without a word from the server', async () => {
    const { world, profile, sound, broken } = await openBoth();
    await world.proxy.refuseConnections();
    await signOut(broken);
    await untilStatus(sound, 'signed-out');
    expect((await signedOutReasons(sound)).at(-1)).toBe('elsewhere');
    await sound.reload();
    await untilStatus(sound, 'signed-out');
    expect((await snapshot(broken)).status, 'and nothing brings it back').toBe('signed-out');
    await broken.close();
    await world.proxy.acceptConnections();
    await world.advance(minutes(1));
    await until(() => world.proxy.answered(/^POST \/auth\/sign-out/) > 0, { what: 'the sound tab tells the server' });
    await profile.close();
  });

  test('E48: who signs in in the broken tab is signed in in the sound one, and both can refresh', async () => {
    const { world, sound, broken } = await openBoth();
    await signIn(broken, 'bea');
    await untilUser(sound, 'bea');
    for (let round = 1; round <= 2; round++) {
      await world.advance(minutes(16));
      for (const tab of [sound, broken]) expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
      expect(await accessToken(sound)).toBe(await accessToken(broken));
      for (const tab of [sound, broken]) expect((await snapshot(tab)).user?.username).toBe('bea');
    }
    await signOut(sound);
    await untilStatus(broken, 'signed-out');
  });
});

/** Leaves this origin's localStorage no room for a longer record, and waits until all tabs have noticed. */
async function fillStorage(tabs: readonly Tab[]): Promise<void> {
  await tabs[0]!.evaluate(() => {
    for (let size = 2 ** 24; size >= 1; size /= 2) {
      try {
        localStorage.setItem(`photos-${size}`, 'x'.repeat(size));
      } catch {
        // Half of it, then.
      }
    }
  });
  for (const tab of tabs) await until(() => tab.evaluate(isFull), { what: 'the tab finds no room' });
}

const isFull = (): boolean => {
  try {
    localStorage.setItem('probe', 'x'.repeat(64));
    localStorage.removeItem('probe');
    return false;
  } catch {
    return true;
  }
};

const emptyStorage = (tab: Tab): Promise<void> =>
  tab.evaluate(() => {
    for (const key of Object.keys(localStorage)) if (key.startsWith('photos-')) localStorage.removeItem(key);
  });

declare global {
  interface Window {
    diskIsFull: boolean;
  }
}

const fullDisk = `{
  const { setItem } = Storage.prototype;
  const { put } = IDBObjectStore.prototype;
  Storage.prototype.setItem = function (...entry) {
    if (window.diskIsFull) throw new DOMException('full', 'QuotaExceededError');
    setItem.apply(this, entry);
  };
  IDBObjectStore.prototype.put = function (...entry) {
    const request = put.apply(this, entry);
    if (window.diskIsFull) this.transaction.abort();
    return request;
  };
}`;

describe('E26: localStorage is full when the rotated token is written', () => {
  /** Each access token is longer than the one before. */
  const longer = (count: number): string => 'x'.repeat(100 * count);

  test('E26: the session lives on in all open tabs, the app is told who fills it, and a later write succeeds', async () => {
    let issued = 0;
    const world = await startWorld({ movesTime: true, server: { claims: () => ({ groups: longer(++issued) }) } });
    const profile = await world.openProfile();
    const tabs = await Promise.all([1, 2].map(() => profile.newTab(world.page.origin)));
    await signUp(tabs[0]!);
    await untilStatus(tabs[1]!, 'signed-in');
    await fillStorage(tabs);
    const before = await storedSession(tabs[0]!);
    for (let round = 1; round <= 2; round++) {
      await world.advance(minutes(16));
      for (const tab of tabs) expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
    }
    expect(await storedSession(tabs[0]!), 'nothing was written').toEqual(before);
    const told = await Promise.all(tabs.map((tab) => tab.evaluate(() => window.lab.events)));
    expect(told.flat().find(({ type }) => type === 'storage_full')?.reason).toMatch(/^photos-\d+: \d{4} KiB/);
    const third = await profile.newTab(world.page.origin);
    await untilStatus(third, 'signed-in');

    await emptyStorage(tabs[0]!);
    await world.advance(minutes(16));
    for (const tab of [...tabs, third]) expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
    await until(async () => (await storedSession(third)).generation > before.generation, {
      what: 'the copy is written again',
    });
    for (const tab of tabs) expect(await signedOutReasons(tab)).toEqual([]);
  });

  test('E26: when the disk is full, so that IndexedDB takes nothing either, too', async () => {
    const world = await startWorld({ movesTime: true });
    world.page.preamble = fullDisk;
    const profile = await world.openProfile();
    const tabs = await Promise.all([1, 2, 3].map(() => profile.newTab(world.page.origin)));
    await signUp(tabs[0]!);
    for (const tab of tabs) await untilStatus(tab, 'signed-in');
    const diskIs = (full: boolean) =>
      Promise.all(tabs.map((tab) => tab.evaluate((now) => void (window.diskIsFull = now), full)));
    await diskIs(true);
    const before = await storedSession(tabs[0]!);
    for (let round = 1; round <= 3; round++) {
      await world.advance(minutes(16));
      for (const tab of tabs) expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
      await until(async () => new Set(await Promise.all(tabs.map((tab) => accessToken(tab)))).size === 1, {
        what: 'the new tokens are in all tabs',
      });
      expect(world.proxy.refreshesByKey().size).toBe(round);
    }
    expect(await storedSession(tabs[0]!), 'nothing was written').toEqual(before);

    await diskIs(false);
    await world.advance(minutes(16));
    for (const tab of tabs) expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
    expect((await storedSession(tabs[0]!)).generation).toBe(before.generation + 4);
    for (const tab of tabs) {
      expect(await signedOutReasons(tab)).toEqual([]);
      expect(await pageErrors(tab)).toEqual([]);
    }
  });
});
