import { afterAll, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { call, signUp } from '../harness/lab.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

test('M7: a request that asks to skip goes without a token, and the header stays in the browser', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  const outcome = await call(tab, `${world.apiUrl}/public/terms`, { headers: { skip: 'true', 'X-Kept': 'yes' } });
  expect(outcome.status).toBe(200);
  const { headers } = world.api.received[0]!;
  expect(headers['x-kept']).toBe('yes');
  expect(headers).not.toHaveProperty('skip');
  expect(headers).not.toHaveProperty('authorization');
});

test('M7: the header counts on Request objects too', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  await tab.evaluate(
    (url) => window.lab.session.fetch(new Request(url, { headers: { Skip: 'true' } })).then(() => undefined),
    `${world.apiUrl}/public/terms`,
  );
  const { headers } = world.api.received[0]!;
  expect(headers).not.toHaveProperty('skip');
  expect(headers).not.toHaveProperty('authorization');
});

test('M7: any other value is an error in development, and nothing is sent', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  for (const value of ['false', '1', 'yes', 'TRUE', '']) {
    const outcome = await call(tab, `${world.apiUrl}/public/terms`, { headers: { skip: value } });
    expect(outcome.error, value).toBe('ERR_SKIP_VALUE');
  }
  expect(world.api.received).toEqual([]);
});

test('M7: whoever is signed out can send a request that skips', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  expect((await call(tab, `${world.apiUrl}/public/terms`, { headers: { skip: 'true' } })).status).toBe(200);
});
