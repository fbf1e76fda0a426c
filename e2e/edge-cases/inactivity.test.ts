import { afterAll, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { call, signUp, untilStatus } from '../harness/lab.js';
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
