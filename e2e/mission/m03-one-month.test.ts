import { afterAll, expect, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import { call, signUp, snapshot, untilStatus } from '../harness/lab.js';
import { days } from '../harness/lengths-of-time.js';
import { until } from '../harness/until.js';
import { startWorld, type World } from '../harness/world.js';

afterAll(closeEngine);

/** The person calls the API: in, or out. */
async function comesBack(world: World, tab: Tab): Promise<'in' | 'out'> {
  await until(async () => (await snapshot(tab)).status !== 'restoring', { what: 'the page knows' });
  const { status } = await call(tab, `${world.apiUrl}/time`);
  await untilStatus(tab, status === 200 ? 'signed-in' : 'signed-out');
  return status === 200 ? 'in' : 'out';
}

test('M3: whoever closes the browser and comes back after 29 days is signed in, after 31 more not', async () => {
  const world = await startWorld({ movesTime: true });
  const folder = `${world.folder}/profile`;
  const visit = async <Result>(does: (tab: Tab) => Promise<Result>): Promise<Result> => {
    const profile = await world.openProfile({ folder });
    const result = await does(await profile.newTab(world.page.origin));
    await profile.close();
    return result;
  };
  await visit((tab) => signUp(tab));
  await world.advance(days(29));
  expect(await visit((tab) => comesBack(world, tab))).toBe('in');
  await world.advance(days(29));
  expect(await visit((tab) => comesBack(world, tab)), 'each visit slides the month').toBe('in');
  await world.advance(days(31));
  expect(await visit((tab) => comesBack(world, tab))).toBe('out');
});

test('M3: no visit slides the absolute limit of a year', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  for (let visit = 1; visit <= 12; visit++) {
    await tab.goto('about:blank');
    await world.advance(days(29));
    await tab.goto(world.page.origin);
    expect(await comesBack(world, tab), `visit ${visit}, after ${29 * visit} days`).toBe('in');
  }
  await tab.goto('about:blank');
  await world.advance(days(29));
  await tab.goto(world.page.origin);
  expect(await comesBack(world, tab), 'after 377 days').toBe('out');
});

test('M3: with the absolute limit off, only staying away ends a session', async () => {
  const lifetimes = { idleSeconds: days(200) / 1000, absoluteSeconds: 'off' } as const;
  const world = await startWorld({ movesTime: true, server: { lifetimes } });
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  for (let visit = 1; visit <= 4; visit++) {
    await world.advance(days(190));
    expect(await comesBack(world, tab), `after ${190 * visit} days`).toBe('in');
  }
  await world.advance(days(201));
  expect(await comesBack(world, tab)).toBe('out');
});

test('M3: an absolute limit of 40 days ends a session that was used the day before', async () => {
  const world = await startWorld({ movesTime: true, server: { lifetimes: { absoluteSeconds: days(40) / 1000 } } });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  await world.advance(days(20));
  expect(await comesBack(world, tab)).toBe('in');
  await world.advance(days(19));
  expect(await comesBack(world, tab)).toBe('in');
  await world.advance(days(2));
  expect(await comesBack(world, tab)).toBe('out');
});
