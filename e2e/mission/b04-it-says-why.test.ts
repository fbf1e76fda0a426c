import { afterAll, expect, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import { accessToken, password, refresh, signUp, storedRefreshToken, untilStatus } from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

const told = (tab: Tab): Promise<string[]> =>
  tab.evaluate(() =>
    window.lab.session.explain().map(({ type, reason }) => (reason === undefined ? type : `${type}: ${reason}`)),
  );

test('B4: the timeline says what happened and why, also before the page was reloaded', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  const fault = world.proxy.fail(/^POST \/auth\/refresh/, { kind: 'answer', status: 503 });
  await world.advance(minutes(13));
  await until(() => fault.hits > 0, { what: 'a refresh fails' });
  await until(async () => (await told(tab)).includes('refresh_failed: ERR_SERVER'), { what: 'it is told' });
  const before = await told(tab);
  fault.lift();
  await tab.reload();
  await untilStatus(tab, 'signed-in');
  await until(async () => (await told(tab)).includes('refreshed: load'), { what: 'the refresh on load' });
  const after = await told(tab);
  expect(after.slice(0, before.length)).toEqual(before);
  expect(before.slice(0, 4)).toEqual(['started', 'signed_in', 'refreshing: margin', 'refresh_failed: ERR_SERVER']);
  expect(after.slice(before.length)).toEqual(['started', 'refreshing: load', 'refreshed: load']);
});

test('B4: another tab has a timeline of its own, and none tells a secret', async () => {
  const world = await startWorld();
  const profile = await world.openProfile();
  const first = await profile.newTab(world.page.origin);
  await signUp(first);
  const second = await profile.newTab(world.page.origin);
  await untilStatus(second, 'signed-in');
  expect(await told(second)).not.toContain('signed_in');
  await refresh(first);
  const stored = await first.evaluate(() => JSON.stringify(Object.entries(sessionStorage)));
  for (const secret of ['ada', password, await accessToken(first), await storedRefreshToken(first)])
    expect(stored).not.toContain(secret);
});

test('B4: memory keeps nothing outside the page, the timeline neither', async () => {
  const world = await startWorld({ page: { storage: 'memory' } });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  expect(await told(tab)).toContain('signed_in');
  expect(await tab.evaluate(() => [localStorage.length, sessionStorage.length])).toEqual([0, 0]);
});
