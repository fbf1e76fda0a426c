import { afterAll, expect, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import { accessToken, call, password, signUp, snapshot, untilStatus } from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until } from '../harness/until.js';
import { startWorld, type World } from '../harness/world.js';

afterAll(closeEngine);

const refreshes = /^POST \/auth\/refresh/;

/** The same person on another device: signs in there and changes the profile. */
async function changeProfileElsewhere({ apiUrl }: World, profile: Record<string, unknown>): Promise<void> {
  const send = (path: string, init: { method: string; headers?: Record<string, string>; body: string }) =>
    fetch(apiUrl + path, { ...init, headers: { 'content-type': 'application/json', ...init.headers } });
  const answer = await send('/auth/sign-in', { method: 'POST', body: JSON.stringify({ username: 'ada', password }) });
  const { access } = (await answer.json()) as { access: string };
  const patch = { method: 'PATCH', headers: { authorization: `Bearer ${access}` }, body: JSON.stringify({ profile }) };
  expect((await send('/auth/me', patch)).status).toBe(200);
}

const profileOf = async (tab: Tab) => (await snapshot(tab)).user?.profile;

test('M1: opening and reloading the page refresh the token and the profile', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const first = await profile.newTab(world.page.origin);
  await signUp(first, 'ada', { name: 'Ada' });
  const atSignUp = await accessToken(first);

  await changeProfileElsewhere(world, { name: 'Ada L.' });
  await world.advance(minutes(1));
  await first.reload();
  await until(async () => (await accessToken(first)) !== atSignUp, { what: 'the reloaded page has a new token' });
  expect(await profileOf(first)).toEqual({ name: 'Ada L.' });

  const atReload = await accessToken(first);
  await changeProfileElsewhere(world, { name: 'Countess' });
  await world.advance(minutes(1));
  const second = await profile.newTab(world.page.origin);
  await until(async () => (await accessToken(second)) !== atReload, { what: 'the opened page has a new token' });
  expect(await profileOf(second)).toEqual({ name: 'Countess' });
  await until(async () => JSON.stringify(await profileOf(first)).includes('Countess'), {
    what: 'the first tab has it too',
  });
  expect(world.proxy.count(refreshes)).toBe(2);
});

test('M1: eight tabs that open at once make one refresh', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const first = await profile.newTab(world.page.origin);
  await signUp(first);
  const old = await accessToken(first);
  await first.goto('about:blank');
  await world.advance(minutes(1));

  const tabs = await Promise.all(Array.from({ length: 8 }, () => profile.newTab(world.page.origin)));
  await Promise.all(
    tabs.map((tab) => until(async () => (await accessToken(tab)) !== old, { what: 'the tab has the new token' })),
  );
  const calls = await Promise.all(tabs.map((tab) => call(tab, `${world.apiUrl}/time`)));
  expect(calls.map(({ status }) => status)).toEqual(Array(8).fill(200));
  expect(new Set(await Promise.all(tabs.map((tab) => accessToken(tab)))).size).toBe(1);
  expect(world.proxy.count(refreshes)).toBe(1);
});

test('M1: the page does not wait for the refresh while its stored token is good', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  await world.advance(minutes(1));

  const refresh = world.proxy.hold(refreshes, 'before');
  await tab.reload();
  await untilStatus(tab, 'signed-in');
  expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
  await until(() => refresh.held === 1, { what: 'the refresh is under way' });
  expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
  refresh.release();
});
