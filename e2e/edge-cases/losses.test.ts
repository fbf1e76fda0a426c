import { afterAll, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { accessToken, call, refresh, signedOutReasons, signUp, snapshot, untilStatus } from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until, untilTimeBrings } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

const refreshes = /^POST \/auth\/refresh/;

test('E6: the server rotated, the answer was lost, the page is reloaded: still signed in', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  const old = await accessToken(tab);
  const lost = world.proxy.fail(refreshes, { kind: 'drop-response' });
  await world.advance(minutes(16));
  await until(() => lost.hits > 0, { what: 'the server has rotated' });
  await tab.reload();
  await untilStatus(tab, 'signed-in');
  lost.lift();

  await untilTimeBrings(profile, async () => (await call(tab, `${world.apiUrl}/time`)).status === 200, {
    what: 'calls succeed',
    withinSeconds: 120,
  });
  expect(await accessToken(tab)).not.toBe(old);
  expect(await signedOutReasons(tab)).toEqual([]);
  expect(world.proxy.refreshesByKey().size, 'every retry carried the same key').toBe(1);
  await world.advance(minutes(16));
  expect((await call(tab, `${world.apiUrl}/time`)).status, 'and the chain goes on').toBe(200);
});

test('E7: reload pressed 20 times during a refresh: still signed in, refreshes bounded', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  await world.advance(minutes(16));
  for (let press = 0; press < 20; press++) {
    const held = world.proxy.hold(refreshes, press % 2 ? 'before' : 'after');
    await profile.advance(2000);
    await tab.reload();
    await untilStatus(tab, 'signed-in');
    held.release();
  }
  await untilTimeBrings(profile, async () => (await call(tab, `${world.apiUrl}/time`)).status === 200, {
    what: 'calls succeed',
    withinSeconds: 120,
  });
  expect((await snapshot(tab)).status).toBe('signed-in');
  expect(world.proxy.count(refreshes)).toBeLessThanOrEqual(50);
  expect(await refresh(tab)).toBeUndefined();
});

test('E43: a 429 with Retry-After: 3 while the token is already expired is waited out', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  const fault = world.proxy.fail(refreshes, { kind: 'answer', status: 429, headers: { 'retry-after': '3' } }, 1);
  await world.advance(minutes(16));
  await until(() => fault.hits === 1, { what: 'the server has asked to wait' });
  const struck = performance.now();
  await until(async () => (await call(tab, `${world.apiUrl}/time`)).status === 200, { what: 'calls succeed' });
  expect(performance.now() - struck, 'no sooner than asked').toBeGreaterThan(2500);
  expect(world.proxy.count(refreshes)).toBe(2);
  expect(await signedOutReasons(tab)).toEqual([]);
});
