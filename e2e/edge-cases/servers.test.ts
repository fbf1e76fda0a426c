import { afterAll, describe, expect, test } from 'vitest';
import { credentials, signInAtDjango, startDjangoWorld } from '../django/django-world.js';
import { databaseIn } from '../harness/auth-server.js';
import { closeEngine, type Tab } from '../harness/browser.js';
import { needs } from '../harness/engines/needs.js';
import {
  accessToken,
  call,
  pageErrors,
  refresh,
  signedOutReasons,
  signUp,
  storedSession,
  untilStatus,
} from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { keepCopy } from '../harness/lost-writes.js';
import { until, untilTimeBrings } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

const refreshes = /^POST \/auth\/refresh/;

describe('E39: the server is restarted in the middle of a refresh, and the answer is lost', () => {
  /** Two tabs of a person whose third refresh meets the restart, and the session as it was before and is after. */
  async function restartInTheMiddle({ losesWrites }: { losesWrites: boolean }) {
    const world = await startWorld({ movesTime: true });
    const profile = await world.openProfile();
    const [tab, other] = [await profile.newTab(world.page.origin), await profile.newTab(world.page.origin)];
    await signUp(tab);
    await untilStatus(other, 'signed-in');
    const restore = losesWrites ? await keepCopy(databaseIn(world.folder)) : undefined;
    for (let rotation = 1; rotation <= 2; rotation++) {
      await world.advance(minutes(1));
      expect(await refresh(tab)).toBeUndefined();
    }
    const before = await storedSession(tab);
    world.proxy.fail(refreshes, { kind: 'drop-response' }, 1);
    const held = world.proxy.hold(refreshes, 'after');
    await world.advance(minutes(16));
    await until(() => held.held > 0, { what: 'the server has rotated' });
    await world.auth.restart(restore);
    held.release();

    for (const one of [tab, other]) {
      await untilTimeBrings(world, async () => (await call(one, `${world.apiUrl}/time`)).status === 200, {
        what: 'calls succeed',
        withinSeconds: 120,
      });
      expect(await signedOutReasons(one)).toEqual([]);
      expect(await pageErrors(one)).toEqual([]);
    }
    const conflicts = world.proxy.passed.filter(({ end }) => end?.status === 409).length;
    return { before, after: await storedSession(tab), tab, world, conflicts };
  }

  test('E39: with all its writes: the same request brings the same successor', async () => {
    const { before, after, conflicts } = await restartInTheMiddle({ losesWrites: false });
    expect(after).toMatchObject({ id: before.id, generation: before.generation + 1 });
    expect(conflicts).toBe(0);
  });

  test('E39: without its last writes: the client walks up to where it was', async () => {
    const { before, after, tab, world, conflicts } = await restartInTheMiddle({ losesWrites: true });
    expect(conflicts, 'the server has been asked with a token that it no longer knows').toBeGreaterThan(0);
    expect(after.id).toBe(before.id);
    await world.advance(minutes(16));
    expect((await call(tab, `${world.apiUrl}/time`)).status, 'and the chain goes on').toBe(200);
  });
});

test('E42: a refresh that the browser itself repeats, because its connection died, brings the same successor', async () => {
  needs('requests repeated');
  const world = await startWorld({ movesTime: true });
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  await world.advance(minutes(1));
  expect(await refresh(tab), 'which leaves a connection to be used again').toBeUndefined();
  const before = await storedSession(tab);

  await world.advance(minutes(1));
  // The server has done its work, and the connection ends before the first byte of the answer.
  world.proxy.fail(refreshes, { kind: 'drop-response' }, 1);
  expect(await refresh(tab), 'no script has heard of it').toBeUndefined();
  expect([...world.proxy.refreshesByKey().values()], 'the same request arrived twice').toEqual([1, 2]);
  expect(await storedSession(tab)).toMatchObject({ id: before.id, generation: before.generation + 1 });
  await world.advance(minutes(16));
  expect((await call(tab, `${world.apiUrl}/time`)).status, 'and the chain goes on').toBe(200);
  expect(await signedOutReasons(tab)).toEqual([]);
});

/**
 * What other tabs write to localStorage is seen here 50 ms later: as between the processes of Chromium, where it takes
 * less, and not each time.
 */
const incoherentStorage = `{
  const { getItem, setItem, removeItem } = Storage.prototype;
  const seen = new Map();
  Storage.prototype.getItem = function (key) {
    if (!seen.has(key)) seen.set(key, getItem.call(this, key));
    return seen.get(key);
  };
  Storage.prototype.setItem = function (key, text) {
    setItem.call(this, key, text);
    seen.set(key, String(text));
  };
  Storage.prototype.removeItem = function (key) {
    removeItem.call(this, key);
    seen.set(key, null);
  };
  const delayed = new WeakSet();
  addEventListener('storage', (event) => {
    if (delayed.has(event)) return;
    event.stopImmediatePropagation();
    const again = new StorageEvent('storage', { key: event.key, newValue: event.newValue, storageArea: event.storageArea });
    delayed.add(again);
    setTimeout(() => {
      seen.delete(event.key);
      dispatchEvent(again);
    }, 50);
  });
}`;

test('E41: with a strict single-use server that is not ours, eight tabs refresh once an expiry, again and again, and none presents a used token', async () => {
  const world = await startDjangoWorld();
  world.page.preamble = incoherentStorage;
  // Eight tabs may take more than the ten seconds in which a page that opens makes do with the last refresh.
  world.page.options = { ...world.page.options!, refreshOnLoad: false };
  const first = await world.profile.newTab(world.page.origin);
  await first.evaluate(signInAtDjango.run, credentials);
  const others = await Promise.all(Array.from({ length: 7 }, () => world.profile.newTab(world.page.origin)));
  const tabs: Tab[] = [first, ...others];
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-in')));

  for (let round = 1; round <= 6; round++) {
    await world.advance(minutes(6));
    const calls = await Promise.all(tabs.map((tab) => call(tab, `${world.url}/api/me/`)));
    expect([round, ...calls.map(({ status }) => status)]).toEqual([round, ...Array<number>(8).fill(200)]);
  }
  const answers = world.proxy.passed.filter(({ method, path }) => method === 'POST' && path === '/api/token/refresh/');
  expect(answers.map(({ end }) => end?.status)).toEqual(Array<number>(6).fill(200));
  expect(new Set(await Promise.all(tabs.map((tab) => accessToken(tab)))).size).toBe(1);
  for (const tab of tabs) expect(await signedOutReasons(tab)).toEqual([]);
});
