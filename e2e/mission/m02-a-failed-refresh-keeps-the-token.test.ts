import type { Act } from '@latchkey/example-shared';
import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import {
  accessToken,
  call,
  password,
  pageErrors,
  refresh,
  signedOutReasons,
  signUp,
  snapshot,
  untilStatus,
} from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until, untilTimeBrings } from '../harness/until.js';
import { startWorld, type World } from '../harness/world.js';

afterAll(closeEngine);

const refreshes = /^POST \/auth\/refresh/;

const timeline = (tab: Tab) => tab.evaluate(() => window.lab.session.explain().map(({ type }) => type));

/** The same person signs out everywhere, from another device. */
async function signOutEverywhereElsewhere({ apiUrl }: World): Promise<void> {
  const post = (path: string, body: object, headers = {}) =>
    fetch(apiUrl + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
  const { access } = (await (await post('/auth/sign-in', { username: 'ada', password })).json()) as { access: string };
  const answer = await post('/auth/sign-out', { everywhere: true }, { authorization: `Bearer ${access}` });
  expect(answer.status).toBe(204);
}

describe('M2: a refresh that fails keeps the token that is still valid, and mends itself', () => {
  const faults: [string, Act][] = [
    ['500', { kind: 'answer', status: 500, body: '{"error":"server_error"}' }],
    [
      '502 with HTML',
      { kind: 'answer', status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>Bad gateway</h1>' },
    ],
    ['503', { kind: 'answer', status: 503, headers: { 'retry-after': '1' }, body: '{"error":"unavailable"}' }],
    ['429', { kind: 'answer', status: 429, headers: { 'retry-after': '1' }, body: '{"error":"slow_down"}' }],
    [
      'the HTML of a captive portal with status 200',
      { kind: 'answer', status: 200, headers: { 'content-type': 'text/html' }, body: '<p>Welcome to our hotel</p>' },
    ],
    ['a request that is lost', { kind: 'drop-request' }],
    ['an answer that is lost', { kind: 'drop-response' }],
    ['an answer that breaks off', { kind: 'cut-response' }],
  ];
  test.each(faults)('M2: %s', async (_, act) => {
    const world = await startWorld({ movesTime: true });
    const profile = await world.openProfile();
    const tabs = [await profile.newTab(world.page.origin), await profile.newTab(world.page.origin)] as const;
    await signUp(tabs[0]);
    await untilStatus(tabs[1], 'signed-in');
    const old = await accessToken(tabs[0]);

    const fault = world.proxy.fail(refreshes, act);
    await world.advance(minutes(1));
    await tabs[0].reload();
    await until(async () => (await timeline(tabs[0])).includes('refresh_failed'), { what: 'the refresh has failed' });
    expect(fault.hits).toBeGreaterThan(0);
    for (const tab of tabs) {
      expect((await snapshot(tab)).status).toBe('signed-in');
      expect(await accessToken(tab)).toBe(old);
      expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
    }

    fault.lift();
    await untilTimeBrings(profile, async () => (await accessToken(tabs[1])) !== old, {
      what: 'both tabs have a new token, by themselves',
      withinSeconds: 120,
    });
    for (const tab of tabs) {
      expect(await signedOutReasons(tab)).toEqual([]);
      expect(await pageErrors(tab)).toEqual([]);
    }
  });
});

test('M2: a time-out keeps the token that is still valid', async () => {
  const world = await startWorld({ movesTime: true, page: { requestTimeoutSeconds: 1 } });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  const old = await accessToken(tab);

  const slow = world.proxy.hold(refreshes, 'after');
  await world.advance(minutes(1));
  const ended = refresh(tab);
  await until(() => slow.held > 0, { what: 'the server has done its work' });
  await profile.advance(2000);
  expect(await ended).toBe('ERR_TIMEOUT');
  expect(await accessToken(tab)).toBe(old);
  expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
  slow.release();
});

test('M2: offline and then with an expired token the person stays signed in, and is back with the network', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  await profile.setOffline(true);
  await until(async () => !(await snapshot(tab)).online, { what: 'the app sees that it is offline' });
  await world.advance(minutes(20));
  expect((await call(tab, `${world.apiUrl}/time`)).error).toBe('ERR_NETWORK');
  expect((await snapshot(tab)).status).toBe('signed-in');

  await profile.setOffline(false);
  await until(async () => (await call(tab, `${world.apiUrl}/time`)).status === 200, { what: 'calls succeed again' });
  expect(await signedOutReasons(tab)).toEqual([]);
});

test('M2: the network is gone, the page is reloaded, and the person is still signed in', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  await world.proxy.refuseConnections();
  await world.advance(minutes(1));
  await tab.reload();
  await untilStatus(tab, 'signed-in');
  expect(await refresh(tab)).toBe('ERR_NETWORK');
  expect((await snapshot(tab)).status).toBe('signed-in');

  await world.proxy.acceptConnections();
  await untilTimeBrings(profile, async () => (await call(tab, `${world.apiUrl}/time`)).status === 200, {
    what: 'calls succeed again',
    withinSeconds: 120,
  });
});

test('M2: a definitive refusal signs out every tab, each once', async () => {
  const world = await startWorld();
  const profile = await world.openProfile();
  const tabs = await Promise.all([1, 2, 3].map(() => profile.newTab(world.page.origin)));
  await signUp(tabs[0]!);
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-in')));

  await signOutEverywhereElsewhere(world);
  expect(await refresh(tabs[1]!)).toMatch(/^ERR_(REFUSED|SIGNED_OUT)$/);
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-out')));
  for (const tab of tabs) {
    await until(async () => (await signedOutReasons(tab)).length > 0, { what: 'the app was told' });
    expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(401);
    expect(await signedOutReasons(tab)).toEqual(['refused']);
    expect((await snapshot(tab)).user).toBeUndefined();
    expect(await pageErrors(tab)).toEqual([]);
  }
});

test("M2: whenRefused 'keep' uses the old token until it expires", async () => {
  const world = await startWorld({ movesTime: true, page: { whenRefused: 'keep' } });
  const profile = await world.openProfile();
  const tabs = await Promise.all([1, 2].map(() => profile.newTab(world.page.origin)));
  await signUp(tabs[0]!);
  const old = await accessToken(tabs[0]!);
  await signOutEverywhereElsewhere(world);

  await refresh(tabs[0]!);
  for (const tab of tabs) {
    expect(await accessToken(tab)).toBe(old);
    expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
    expect(await signedOutReasons(tab)).toEqual([]);
  }
  await world.advance(minutes(16));
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-out')));
  for (const tab of tabs) {
    await until(async () => (await signedOutReasons(tab)).length > 0, { what: 'the app was told' });
    expect(await signedOutReasons(tab)).toEqual([expect.stringMatching(/^(expired|refused)$/)]);
  }
});
