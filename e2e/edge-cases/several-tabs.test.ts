import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import {
  accessToken,
  call,
  pageErrors,
  refresh,
  signedOutReasons,
  signOut,
  signUp,
  snapshot,
  storedRefreshToken,
  untilStatus,
} from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

const refreshes = /^POST \/auth\/refresh/;

test('E1: ten tabs whose token expires in the same millisecond make one refresh and have ten fresh tokens', async () => {
  // Ten tabs may take more than the ten seconds in which a page that opens makes do with the last refresh.
  const world = await startWorld({ movesTime: true, page: { refreshOnLoad: false } });
  const profile = await world.openProfile();
  const first = await profile.newTab(world.page.origin);
  await signUp(first);
  const others = await Promise.all(Array.from({ length: 9 }, () => profile.newTab(world.page.origin)));
  const tabs = [first, ...others];
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-in')));
  const old = await accessToken(first);

  await world.advance(minutes(16));
  const calls = await Promise.all(tabs.map((tab) => call(tab, `${world.apiUrl}/time`)));
  expect(calls.map(({ status }) => status)).toEqual(Array(10).fill(200));
  const tokens = new Set(await Promise.all(tabs.map((tab) => accessToken(tab))));
  expect(tokens.size).toBe(1);
  expect(tokens.has(old)).toBe(false);
  expect(world.proxy.count(refreshes)).toBe(1);
});

test('E11: a true invalid_grant that every tab runs into signs each out exactly once', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const tabs = await Promise.all([1, 2, 3, 4].map(() => profile.newTab(world.page.origin)));
  await signUp(tabs[0]!);
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-in')));
  const token = await accessToken(tabs[0]!);
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  await fetch(`${world.apiUrl}/auth/sign-out`, { method: 'POST', headers, body: '{"everywhere":true}' });

  await world.advance(minutes(16));
  await Promise.all(tabs.map((tab) => refresh(tab)));
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-out')));
  await Promise.all(tabs.map((tab) => tab.evaluate(() => window.lab.session.refresh().catch(() => undefined))));
  expect(await Promise.all(tabs.map(signedOutReasons))).toEqual(Array(4).fill(['refused']));
  expect(await Promise.all(tabs.map(pageErrors))).toEqual(Array(4).fill([]));
});

test('E14: signing out while offline counts at once, and reaches the server after a restart of the browser', async () => {
  const world = await startWorld({ movesTime: true });
  const folder = `${world.folder}/profile`;
  const before = await world.openProfile({ folder });
  const tab = await before.newTab(world.page.origin);
  await signUp(tab);
  const refreshToken = await storedRefreshToken(tab);
  await world.proxy.refuseConnections();
  await signOut(tab);
  expect((await snapshot(tab)).status).toBe('signed-out');
  await before.close();

  await world.proxy.acceptConnections();
  const after = await world.openProfile({ folder });
  const later = await after.newTab(world.page.origin);
  await untilStatus(later, 'signed-out');
  await until(() => world.proxy.answered(/^POST \/auth\/sign-out/) > 0, { what: 'the server is told' });
  const presented = await fetch(`${world.apiUrl}/auth/refresh`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k'.repeat(43) },
    body: JSON.stringify({ refresh: refreshToken }),
  });
  expect(presented.status).toBe(401);
  expect(await later.evaluate(() => JSON.stringify(localStorage))).not.toContain('lk1_');
});

describe('E25: a page that comes back from the back/forward cache after a sign-out elsewhere', () => {
  // A message by BroadcastChannel makes Chromium give a cached page up: only without one does the old page come back.
  const ways: [string, string, unknown][] = [
    [
      'E25: is signed out before any call, if it is the old page',
      'delete window.BroadcastChannel',
      { persisted: true },
    ],
    [
      'E25: is signed out before any call, if it may be loaded anew',
      '',
      expect.toBeOneOf([undefined, { persisted: true }]),
    ],
  ];
  test.each(ways)('%s', async (_, preamble, kept) => {
    const world = await startWorld();
    world.page.preamble = preamble;
    const profile = await world.openProfile();
    const one = await profile.newTab(world.page.origin);
    await signUp(one);
    const two = await profile.newTab(world.page.origin);
    await untilStatus(two, 'signed-in');
    await one.evaluate(() => {
      addEventListener('pageshow', ({ persisted }) => (window.kept = { persisted }));
    });
    await one.goto(`${world.page.origin}/elsewhere`);
    await signOut(two);
    await one.back();
    expect(await one.evaluate(() => window.kept)).toEqual(kept);
    const { status } = await call(one, `${world.apiUrl}/time`);
    expect(status).toBe(401);
    expect((await snapshot(one)).status).toBe('signed-out');
    expect(world.api.received.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });
});

test('E37: a profile changed in one tab changes the others once, and a focus without a change says nothing', async () => {
  const world = await startWorld();
  const profile = await world.openProfile();
  const [one, two] = await Promise.all([1, 2].map(() => profile.newTab(world.page.origin)));
  await signUp(one!, 'ada', { name: 'Ada' });
  await untilStatus(two!, 'signed-in');
  const heard = (tab: typeof one) => tab!.evaluate(() => window.lab.snapshots.length);
  const before = await heard(two);

  await one!.evaluate(() => window.lab.session.updateUser({ profile: { name: 'Countess' } }));
  await until(async () => (await heard(two)) > before, { what: 'the other tab hears of it' });
  for (const tab of [one, two]) {
    await tab!.evaluate(async () => {
      for (const type of ['focus', 'pageshow', 'online']) window.dispatchEvent(new Event(type));
      document.dispatchEvent(new Event('visibilitychange'));
      await window.lab.session.accessToken();
    });
  }
  await refreshesSettle(two!);
  expect((await snapshot(two!)).user?.profile).toEqual({ name: 'Countess' });
  expect(await heard(two)).toBe(before + 1);
});

/** Lets the tab answer to everything that it was told: a transaction after its own, a task after that. */
const refreshesSettle = (tab: { evaluate<R>(code: () => Promise<R>): Promise<R> }) =>
  tab.evaluate(async () => {
    await indexedDB.databases();
    await new Promise((resolve) => setTimeout(resolve));
  });
