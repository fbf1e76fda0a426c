import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import { crash } from '../harness/crash.js';
import { startFreezer } from '../harness/freezing.js';
import {
  accessToken,
  call,
  pageErrors,
  refresh,
  signedOutReasons,
  signUp,
  snapshot,
  untilStatus,
} from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until } from '../harness/until.js';
import { startWorld, type WorldChoices } from '../harness/world.js';

afterAll(closeEngine);

const refreshes = /^POST \/auth\/refresh/;
const api = /^GET \/time/;

const isRefresh = ({ method, path }: { method: string; path: string }): boolean =>
  method === 'POST' && path === '/auth/refresh';

declare global {
  interface Window {
    moveOn(milliseconds: number): void;
  }
}

/** For a tab whose neighbour is frozen: a clock that can be moved in it alone, so that refreshes need not be a second apart. */
const ownTime = `{
  let ahead = 0;
  for (const clock of [Date, performance]) {
    const now = clock.now.bind(clock);
    clock.now = () => now() + ahead;
  }
  window.moveOn = (milliseconds) => (ahead += milliseconds);
}`;

/** A person signed in, in so many tabs. */
async function openTabs(count: number, { preamble = '', ...choices }: WorldChoices & { preamble?: string } = {}) {
  const world = await startWorld({ ...choices, page: { refreshOnLoad: false, ...choices.page } });
  world.page.preamble = preamble;
  const profile = await world.openProfile();
  const first = await profile.newTab(world.page.origin);
  await signUp(first);
  const others = await Promise.all(Array.from({ length: count - 1 }, () => profile.newTab(world.page.origin)));
  await Promise.all(others.map((tab) => untilStatus(tab, 'signed-in')));
  return { world, profile, tabs: [first, ...others] };
}

/** Refreshes are a second apart. */
const untilRefreshed = (tab: Tab): Promise<void> =>
  until(async () => (await refresh(tab)) === undefined, { what: 'the refresh is done' });

describe('E3: the tab that refreshes goes away in the middle of it, and the others go on within the bound', () => {
  const ways: [string, (tab: Tab) => Promise<void>][] = [
    ['is closed', (tab) => tab.close()],
    ['crashes', crash],
  ];
  test.each(ways)('E3: it %s', async (_, goAway) => {
    const { world, tabs } = await openTabs(3);
    const [going, ...others] = tabs;
    const held = world.proxy.hold(refreshes, 'after');
    void refresh(going!).catch(() => undefined);
    await until(() => held.held === 1, { what: 'the server has rotated, and nobody knows' });
    const went = performance.now();
    const ended = others.map((tab) => refresh(tab));
    await goAway(going!);
    await until(() => held.held === 2, { what: 'another tab refreshes while the first request still hangs' });
    expect(performance.now() - went, 'without waiting for a lock that nobody holds any more').toBeLessThan(14_000);
    held.release();
    expect(await Promise.all(ended)).toEqual([undefined, undefined]);
    expect([...world.proxy.refreshesByKey().values()], 'a repetition of the first').toEqual([2]);
    expect(new Set(await Promise.all(others.map((tab) => accessToken(tab)))).size).toBe(1);
    for (const tab of others) {
      expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
      expect(await signedOutReasons(tab)).toEqual([]);
    }
  });
});

test('E4: a tab that is frozen in the middle of a refresh and thaws with its old answer leaves the newer state alone', async () => {
  const { world, tabs } = await openTabs(2, { page: { lockWaitSeconds: 0.1 } });
  const [frozen, other] = tabs;
  const freezer = await startFreezer();
  const held = world.proxy.hold(refreshes, 'after');
  void refresh(frozen!);
  await until(() => held.held === 1, { what: 'the answer is under way' });
  await freezer.freeze(frozen!);
  held.release();
  for (let rotation = 1; rotation <= 2; rotation++) await untilRefreshed(other!);
  const newest = await accessToken(other!);

  await freezer.thaw(frozen!);
  await until(async () => (await accessToken(frozen!)) === newest, { what: 'it takes the newer state over' });
  expect(await accessToken(other!)).toBe(newest);
  await untilRefreshed(frozen!);
  await until(async () => (await accessToken(other!)) !== newest, { what: 'the chain goes on, in both' });
  for (const tab of tabs) expect(await signedOutReasons(tab)).toEqual([]);
});

test('E45: a tab that has read its token and freezes before it sends it, while the others rotate ten times, takes over what they have', async () => {
  const { world, tabs } = await openTabs(2, {
    page: { lockWaitSeconds: 0.1, requestTimeoutSeconds: 60 },
    preamble: ownTime,
  });
  const [frozen, other] = tabs;
  const freezer = await startFreezer();
  await freezer.freezeBeforeSending(frozen!, '/refresh');
  await frozen!.evaluate(() => window.moveOn(15_000));
  void refresh(frozen!);
  await freezer.untilFrozen();
  for (let rotation = 1; rotation <= 10; rotation++) {
    await other!.evaluate(() => window.moveOn(1000));
    await untilRefreshed(other!);
  }
  const newest = await accessToken(other!);

  await freezer.thaw(frozen!);
  await until(async () => (await accessToken(frozen!)) === newest, { what: 'it takes over what the other has' });
  const statuses = () => world.proxy.passed.filter(isRefresh).map(({ end }) => end?.status);
  await until(() => statuses().at(-1) === 409, { what: 'the old token was presented, and called old' });
  expect(
    statuses()
      .slice(0, -1)
      .every((status) => status === 200),
  ).toBe(true);
  expect(statuses().length).toBeGreaterThan(10);
  for (const tab of tabs) {
    expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
    expect(await signedOutReasons(tab)).toEqual([]);
    expect(await pageErrors(tab)).toEqual([]);
  }
});

test('E22: after eight hours of sleep, with a network that comes ten seconds later, the page recovers by itself', async () => {
  const { world, profile, tabs } = await openTabs(2, { movesTime: true });
  const [tab] = tabs;
  const old = await accessToken(tab!);
  await world.proxy.refuseConnections();
  await world.advance(8 * minutes(60));
  for (const one of tabs) {
    expect(await call(one, `${world.apiUrl}/time`)).toMatchObject({ status: 0, error: 'ERR_NETWORK' });
    expect(await snapshot(one)).toMatchObject({ status: 'signed-in', online: false });
  }
  await world.advance(10_000);
  await world.proxy.acceptConnections();
  await tab!.evaluate(() => window.dispatchEvent(new Event('online')));

  for (const one of tabs) {
    await until(async () => (await snapshot(one)).online, { what: 'the page knows of the network' });
    expect((await call(one, `${world.apiUrl}/time`)).status).toBe(200);
    expect(await accessToken(one)).not.toBe(old);
    expect(await signedOutReasons(one)).toEqual([]);
  }
  expect(
    world.api.received.map(({ status }) => status),
    'nothing was sent with the old token',
  ).toEqual([200, 200]);
  expect(world.proxy.answered(refreshes)).toBe(1);
  await profile.close();
});

test('E24: the first request of a background tab that comes to the front carries a valid token, however late its timers', async () => {
  const world = await startWorld({ movesTime: true });
  // A browser lets the timers of a hidden tab run late, on a phone not at all. (A word of its own sign-up that comes as late
  // would make it look at the time as a timer does.)
  world.page.preamble = `{
    delete window.BroadcastChannel;
    const { setTimeout } = window;
    const late = [];
    window.hidden = false;
    window.setTimeout = (run, delay) => setTimeout(() => (window.hidden ? late.push(run) : run()), delay);
    window.timersHeldBack = late;
  }`;
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  await tab.evaluate(() => Object.assign(window, { hidden: true }));
  await world.advance(minutes(16));
  const heldBack = () => tab.evaluate(() => (window as unknown as { timersHeldBack: unknown[] }).timersHeldBack.length);
  await until(async () => (await heldBack()) > 0, { what: 'the timer that would have refreshed is late' });
  expect(world.proxy.count(refreshes)).toBe(0);

  await tab.evaluate(() => Object.assign(window, { hidden: false }));
  expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
  expect(world.proxy.count(api), 'sent once, and not first with the old token').toBe(1);
  expect(world.proxy.count(refreshes)).toBe(1);
});
