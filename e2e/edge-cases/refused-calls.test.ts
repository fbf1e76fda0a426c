import { afterAll, expect, onTestFinished, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { startEavesdropper } from '../harness/eavesdropper.js';
import { accessToken, call, signedOutReasons, signUp } from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

const refreshes = /^POST \/auth\/refresh/;

test('E16: fifty requests in flight that are all answered 401, some after the refresh ended: one refresh, fifty successes', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  await call(tab, `${world.apiUrl}/time`);
  // The server's clock alone: the browser takes its token for fresh, the API says that it has expired.
  world.clock.advance(minutes(16));
  const late = world.proxy.hold(/^GET \/time\?late/, 'after');
  await tab.evaluate((url) => {
    const one = (_: unknown, index: number) =>
      window.lab.session.fetch(`${url}/time?${index % 10 ? 'now' : 'late'}=${index}`);
    window.kept = Promise.all(Array.from({ length: 50 }, one)).then((all) => all.map((response) => response.status));
  }, world.apiUrl);
  await until(() => late.held > 0 && world.proxy.count(refreshes) === 1, { what: 'the refresh is under way' });
  await until(
    () => world.api.received.filter(({ status, url }) => status === 200 && url.includes('now')).length === 45,
    {
      what: 'the refresh has ended and the others are through',
    },
  );
  late.release();
  expect(await tab.evaluate(() => window.kept)).toEqual(Array(50).fill(200));
  expect(world.proxy.count(refreshes)).toBe(1);
});

test('E18: an endpoint that answers 401 to every token is sent to twice at most, and the session is untouched', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  expect((await call(tab, `${world.apiUrl}/never`)).status).toBe(401);
  expect(world.api.received.filter(({ url }) => url === '/never')).toHaveLength(2);
  expect((await call(tab, `${world.apiUrl}/forbidden`)).status).toBe(401);
  expect(
    world.api.received.filter(({ url }) => url === '/forbidden'),
    "a 401 of the app's own",
  ).toHaveLength(1);
  expect(world.proxy.count(refreshes)).toBe(1);
  expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
  expect(await signedOutReasons(tab)).toEqual([]);
});

test('E30: an allowed URL that redirects to another origin, by any status and method, delivers no token there', async () => {
  const ear = await startEavesdropper();
  onTestFinished(() => ear.close());
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  const token = await accessToken(tab);
  world.api.redirectTo = `http://127.0.0.1.evil.test:${ear.port}/caught`;
  for (const status of [301, 302, 303, 307, 308]) {
    for (const method of ['GET', 'POST']) await call(tab, `${world.apiUrl}/redirect?status=${status}`, { method });
  }
  expect(ear.heard.filter(({ url }) => url === '/caught').length).toBeGreaterThanOrEqual(10);
  expect(JSON.stringify(ear.heard).includes(token)).toBe(false);
});
