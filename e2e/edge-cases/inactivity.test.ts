import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import {
  accessToken,
  call,
  refresh,
  signedOutReasons,
  signUp,
  storedRefreshToken,
  untilStatus,
} from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

test('E50: a bank keeps a person who acts every four minutes, in any tab, and ends the session of one who does not', async () => {
  const world = await startWorld({ movesTime: true, server: { preset: 'bank' } });
  const profile = await world.openProfile();
  const [idle, busy] = [await profile.newTab(world.page.origin), await profile.newTab(world.page.origin)];
  await signUp(idle);
  await untilStatus(busy, 'signed-in');

  for (let round = 1; round <= 6; round++) {
    await world.advance(minutes(4));
    await busy.click('html');
    expect((await call(idle, `${world.apiUrl}/time`)).status, `after ${round * 4} minutes`).toBe(200);
  }
  for (let round = 1; round <= 5; round++) {
    await world.advance(minutes(4));
    await call(idle, `${world.apiUrl}/time`);
  }
  await untilStatus(idle, 'signed-out');
  await untilStatus(busy, 'signed-out');
  await until(() => world.proxy.count(/^POST \/auth\/refresh/) > 3, { what: 'it was the server that refused' });
});

describe('E50: an inactivity limit of 15 minutes, with tokens of 15 minutes', () => {
  /** Two tabs of one person, both with a warning a minute before the end. */
  async function openWatched() {
    const server = { preset: 'bank', lifetimes: { accessSeconds: 900 } } as const;
    const world = await startWorld({ movesTime: true, server });
    const profile = await world.openProfile();
    const tabs = await Promise.all([1, 2].map(() => profile.newTab(world.page.origin)));
    await signUp(tabs[0]!);
    for (const tab of tabs) {
      await untilStatus(tab, 'signed-in');
      await tab.evaluate(() => {
        const warnings: (number | undefined)[] = [];
        const onWarning = (warning?: { secondsLeft: number }) => void warnings.push(warning?.secondsLeft);
        window.latchkey.watchInactivity(window.lab.session, { warnAfter: 840, signOutAfter: 900, onWarning });
        window.kept = warnings;
      });
    }
    const warningsIn = (tab: Tab) => tab.evaluate(() => window.kept as (number | null)[]);
    return { world, tabs, warningsIn };
  }

  test('E50: who acts every 8 minutes, in one tab or the other, stays in and is not warned', async () => {
    const { world, tabs, warningsIn } = await openWatched();
    for (let acts = 0; acts < 8; acts++) {
      for (let half = 1; half <= 2; half++) {
        await world.advance(minutes(4));
        // A clock that is moved runs each timer once: the refresh that is due on the way must not be jumped over.
        for (const tab of tabs) await accessToken(tab, 200);
      }
      await tabs[acts % 2]!.click('html');
      for (const tab of tabs) expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
    }
    for (const tab of tabs) {
      expect(await warningsIn(tab)).toEqual([]);
      expect(await signedOutReasons(tab)).toEqual([]);
    }
  });

  test('E50: who does nothing is warned in every tab, then out of every tab and at the server', async () => {
    const { world, tabs, warningsIn } = await openWatched();
    await world.advance(minutes(13));
    for (const tab of tabs) {
      expect(await refresh(tab), 'what the app does by itself is no act').toBeUndefined();
      expect(await warningsIn(tab)).toEqual([]);
    }
    const refreshToken = await storedRefreshToken(tabs[0]!);
    await world.advance(minutes(1) + 5000);
    for (const tab of tabs) {
      await until(async () => (await warningsIn(tab)).length > 0, { what: 'there is a warning' });
      expect((await warningsIn(tab))[0]).toBeGreaterThan(40);
    }
    await world.advance(minutes(1));
    for (const tab of tabs) {
      await untilStatus(tab, 'signed-out');
      expect((await warningsIn(tab)).at(-1), 'the warning is over').toBeOneOf([undefined, null]);
    }
    expect((await Promise.all(tabs.map(signedOutReasons))).flat().sort()).toEqual(['inactive', 'inactive']);
    await until(() => world.proxy.answered(/^POST \/auth\/sign-out/) > 0, { what: 'the server is told' });
    const presented = await fetch(`${world.apiUrl}/auth/refresh`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': 'k'.repeat(43) },
      body: JSON.stringify({ refresh: refreshToken }),
    });
    expect(presented.status).toBe(401);
  });
});
