import type { Session } from '@latchkey/client';
import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import { otherCopy } from '../harness/copies.js';
import {
  accessToken,
  call,
  pageErrors,
  refresh,
  signedOutReasons,
  signIn,
  signUp,
  snapshot,
  untilStatus,
} from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import type { PageOptions } from '../harness/page/page-options.js';
import { until } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

declare global {
  interface Window {
    /** A second session of the page. */
    other?: Session;
  }
}

const refreshes = /^POST \/auth\/refresh/;

test('E2: without Web Locks, ten tabs whose token expires in the same millisecond stay signed in, again and again', async () => {
  // Ten tabs may take more than the ten seconds in which a page that opens makes do with the last refresh.
  const world = await startWorld({ movesTime: true, page: { refreshOnLoad: false } });
  world.page.preamble = `Object.defineProperty(Navigator.prototype, 'locks', { value: undefined })`;
  const profile = await world.openProfile();
  const first = await profile.newTab(world.page.origin);
  await signUp(first);
  const others = await Promise.all(Array.from({ length: 9 }, () => profile.newTab(world.page.origin)));
  const tabs = [first, ...others];
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-in')));
  // Held until several tabs have asked, so that they truly meet.
  for (let round = 1; round <= 3; round++) {
    const before = world.proxy.count(refreshes);
    const held = world.proxy.hold(refreshes, round % 2 ? 'before' : 'after');
    await world.advance(minutes(16));
    await until(() => held.held >= 3, { what: 'three tabs refresh at once' });
    held.release();
    const calls = await Promise.all(tabs.map((tab) => call(tab, `${world.apiUrl}/time`)));
    expect(calls.map(({ status }) => status)).toEqual(Array(10).fill(200));
    await until(async () => (await tokensOf(tabs)).size === 1, { what: 'all tabs have the same token' });
    expect(world.proxy.refreshesByKey().size, 'whoever refreshes sends the same request').toBe(round);
    expect(world.proxy.count(refreshes) - before).toBeLessThanOrEqual(10);
  }
  expect(await Promise.all(tabs.map(signedOutReasons))).toEqual(Array(10).fill([]));
});

const tokensOf = async (tabs: readonly Tab[]): Promise<Set<string>> =>
  new Set(await Promise.all(tabs.map((tab) => accessToken(tab))));

describe('E47: somebody else signs in in one tab, which ends the session that another tab refreshes', () => {
  /** Ada in a tab that will refresh, and the tab in which Bea, who has an account, will sign in. */
  async function openBoth(preambleOfOld = '') {
    const world = await startWorld();
    const profile = await world.openProfile();
    const fresh = await profile.newTab(world.page.origin);
    world.page.preamble = preambleOfOld;
    const old = await profile.newTab(world.page.origin);
    await signUp(fresh, 'bea');
    await signUp(old, 'ada');
    await untilShows(fresh, 'ada');
    await old.evaluate(() => void window.lab.snapshots.splice(0));
    return { world, old, fresh };
  }
  /** What the other tabs say never arrives. */
  const deaf = `delete window.BroadcastChannel; addEventListener('storage', (event) => event.stopImmediatePropagation());`;
  const untilShows = (tab: Tab, name: string): Promise<void> =>
    until(async () => (await snapshot(tab)).user?.username === name, { what: `the page shows ${name}` });

  /** Nobody but Bea is there, in both tabs, also after a reload. */
  async function isAllBeas({ world, old, fresh }: Awaited<ReturnType<typeof openBoth>>) {
    await until(() => world.proxy.answered(refreshes) === 1, { what: 'the old answer has come' });
    for (const tab of [old, fresh]) {
      await untilShows(tab, 'bea');
      expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
    }
    expect((await tokensOf([old, fresh])).size).toBe(1);
    expect(new Set(world.api.received.map(({ subject }) => subject)).size, 'all calls are hers').toBe(1);
    const shown = await old.evaluate(() => window.lab.snapshots.map(({ user }) => user?.username));
    expect(new Set(shown), 'Ada never came back').toEqual(new Set(['bea']));
    await old.reload();
    await untilShows(old, 'bea');
    for (const tab of [old, fresh]) expect(await pageErrors(tab)).toEqual([]);
    expect(await signedOutReasons(fresh)).toEqual([]);
  }

  test.each(['before', 'after'] as const)('E47: %s the server has decided on the refresh', async (when) => {
    const both = await openBoth();
    const { world, old, fresh } = both;
    const held = world.proxy.hold(refreshes, when);
    const refused = refresh(old);
    await until(() => held.held === 1, { what: 'the refresh is under way' });
    await signIn(fresh, 'bea');
    await untilShows(old, 'bea');
    held.release();
    expect(await refused, 'the refresh was for Ada').toBe('ERR_SESSION_CHANGED');
    await isAllBeas(both);
  });

  test('E47: so that the answer comes to a tab that has not yet heard of it', async () => {
    const both = await openBoth(deaf);
    const { world, old, fresh } = both;
    const held = world.proxy.hold(refreshes, 'after');
    void refresh(old);
    await until(() => held.held === 1, { what: 'the refresh is under way' });
    await signIn(fresh, 'bea');
    expect((await snapshot(old)).user?.username, 'nobody has told it').toBe('ada');
    held.release();
    await isAllBeas(both);
  });
});

describe('E33: two schedulers in one page make one refresh an expiry', () => {
  const ways: [string, string, (tab: Tab, options: PageOptions) => Promise<void>][] = [
    [
      'two starts, and a module that was loaded anew while nobody stops the old session, as by StrictMode and hot reload',
      '',
      (tab, options) =>
        tab.evaluate((same) => {
          const { session } = window.lab;
          session.start()();
          session.start();
          window.other = window.createLab(same).session;
        }, options),
    ],
    [
      'two copies of the library',
      otherCopy(),
      (tab, options) => tab.evaluate((same) => void (window.other = window.createOther(same).session), options),
    ],
  ];
  test.each(ways)('E33: %s', async (_, preamble, startAnother) => {
    const world = await startWorld({ movesTime: true });
    world.page.preamble = preamble;
    const tab = await (await world.openProfile()).newTab(world.page.origin);
    await signUp(tab);
    await startAnother(tab, world.page.options!);
    for (let round = 1; round <= 3; round++) {
      await world.advance(minutes(16));
      expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
      expect(await tab.evaluate(() => window.other?.accessToken())).toBe(await accessToken(tab));
      expect(world.proxy.count(refreshes)).toBe(round);
    }
    expect(await pageErrors(tab)).toEqual([]);
  });
});
