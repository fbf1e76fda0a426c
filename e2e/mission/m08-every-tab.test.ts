import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
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
  untilStatus,
} from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

test('M8: signing in, a new token, a new profile and signing out show in every tab', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const tabs = await Promise.all([1, 2, 3].map(() => profile.newTab(world.page.origin)));
  const [first, second, third] = tabs as [(typeof tabs)[0], (typeof tabs)[0], (typeof tabs)[0]];

  await signUp(first);
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-in')));
  const old = await accessToken(first);
  for (const tab of tabs) expect(await accessToken(tab)).toBe(old);

  await world.advance(minutes(1));
  await refresh(second);
  const renewed = await accessToken(second);
  expect(renewed).not.toBe(old);
  for (const tab of tabs) {
    await until(async () => (await accessToken(tab)) === renewed, { what: 'the tab has the new token' });
  }

  await third.evaluate(() => window.lab.session.updateUser({ profile: { name: 'Ada' } }));
  for (const tab of tabs) {
    await until(async () => JSON.stringify((await snapshot(tab)).user?.profile) === '{"name":"Ada"}', {
      what: 'the tab shows the new profile',
    });
  }

  await signOut(second);
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-out')));
  await until(async () => (await signedOutReasons(first)).length > 0, { what: 'the first tab was told' });
  await until(async () => (await signedOutReasons(third)).length > 0, { what: 'the third tab was told' });
  expect(await Promise.all(tabs.map(signedOutReasons))).toEqual([['elsewhere'], ['user'], ['elsewhere']]);
  for (const tab of tabs) {
    expect((await snapshot(tab)).user).toBeUndefined();
    expect((await call(tab, `${world.apiUrl}/time`)).status, 'sent without a token').toBe(401);
    expect(await pageErrors(tab)).toEqual([]);
  }
  expect(world.api.received.slice(-3).map(({ headers }) => headers.authorization)).toEqual(Array(3).fill(undefined));
});

test('M8: another person who signs in replaces the first in every tab', async () => {
  const world = await startWorld();
  const profile = await world.openProfile();
  const tabs = await Promise.all([1, 2].map(() => profile.newTab(world.page.origin)));
  await signUp(tabs[0]!, 'ada');
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-in')));
  await signUp(tabs[1]!, 'grace');
  for (const tab of tabs) {
    await until(async () => (await snapshot(tab)).user?.username === 'grace', { what: 'the tab shows Grace' });
  }
});

test('M8: the session survives closing the browser, and so does having signed out', async () => {
  const world = await startWorld();
  const folder = `${world.folder}/profile`;
  const open = async () => {
    const profile = await world.openProfile({ folder });
    return { profile, tab: await profile.newTab(world.page.origin) };
  };
  const day = await open();
  await signUp(day.tab);
  await day.profile.close();

  const next = await open();
  await untilStatus(next.tab, 'signed-in');
  expect((await snapshot(next.tab)).user?.username).toBe('ada');
  expect((await call(next.tab, `${world.apiUrl}/time`)).status).toBe(200);
  await signOut(next.tab);
  await next.profile.close();

  const last = await open();
  await untilStatus(last.tab, 'signed-out');
});

test('M8: remember: false is gone with the last tab', async () => {
  const world = await startWorld();
  const profile = await world.openProfile();
  const first = await profile.newTab(world.page.origin);
  await signUp(first);
  await signOut(first);
  await signIn(first, 'ada', { remember: false });
  const second = await profile.newTab(world.page.origin);
  await untilStatus(second, 'signed-in');
  await first.close();
  await second.reload();
  await untilStatus(second, 'signed-in');
  await second.close();
  const later = await profile.newTab(world.page.origin);
  await untilStatus(later, 'signed-out');
});

describe('M8: what sessionStorage means', () => {
  test('M8: sessionStorage: a new tab is signed out', async () => {
    const world = await startWorld({ page: { storage: 'sessionStorage' } });
    const profile = await world.openProfile();
    const first = await profile.newTab(world.page.origin);
    await signUp(first);
    await first.reload();
    await untilStatus(first, 'signed-in');
    const second = await profile.newTab(world.page.origin);
    await untilStatus(second, 'signed-out');
  });

  test('M8: sessionStorage: each tab has a session of its own, and signing out of one leaves the other', async () => {
    const world = await startWorld({ page: { storage: 'sessionStorage' } });
    const profile = await world.openProfile();
    const tabs = await Promise.all([1, 2].map(() => profile.newTab(world.page.origin)));
    await signUp(tabs[0]!, 'ada');
    await signUp(tabs[1]!, 'grace');
    expect((await snapshot(tabs[0]!)).user?.username).toBe('ada');
    await signOut(tabs[0]!);
    await untilStatus(tabs[0]!, 'signed-out');
    expect(await refresh(tabs[1]!)).toBeUndefined();
    expect((await snapshot(tabs[1]!)).user?.username).toBe('grace');
    expect((await call(tabs[1]!, `${world.apiUrl}/time`)).status).toBe(200);
  });

  test('M8: sessionStorage: the session is gone when its tab closes', async () => {
    const world = await startWorld({ page: { storage: 'sessionStorage' } });
    const profile = await world.openProfile();
    const first = await profile.newTab(world.page.origin);
    await signUp(first);
    await first.close();
    const again = await profile.newTab(world.page.origin);
    await untilStatus(again, 'signed-out');
    expect(await again.evaluate(() => JSON.stringify(localStorage))).not.toContain('lk1_');
  });
});

test('M8: memory keeps nothing: a reload signs out', async () => {
  const world = await startWorld({ page: { storage: 'memory' } });
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
  const stored = await tab.evaluate(() => JSON.stringify([localStorage, sessionStorage]));
  expect(stored).not.toContain('lk1_');
  await tab.reload();
  await untilStatus(tab, 'signed-out');
});
