import { afterAll, expect, onTestFinished, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import { startEavesdropper } from '../harness/eavesdropper.js';
import { startAuthServer } from '../harness/auth-server.js';
import { call, signUp } from '../harness/lab.js';
import { movableClock } from '@latchkey/example-shared';
import { startPageServer } from '../harness/page-server.js';
import { tempFolder } from '../harness/temp-folder.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

/** What creating a session for this API ends in. */
const creating = (tab: Tab, api: string) =>
  tab.evaluate((address) => {
    try {
      window.createLab({ api: address, name: 'another' });
      return 'created';
    } catch (error) {
      return window.errorText(error);
    }
  }, api);

test('M11: an API over http is refused at construction, with what to do, unless it is on this machine', async () => {
  const world = await startWorld();
  world.page.options = undefined;
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  for (const api of [
    'http://api.lan.test:8080',
    'http://192.168.1.20/api',
    'http://127.0.0.1.evil.test',
    'http://localhost.evil.test',
  ]) {
    expect(await creating(tab, api), api).toMatch(/^ERR_CONFIG: .*https/s);
  }
  for (const api of [
    'http://localhost:1',
    'http://127.0.0.1:1',
    'http://[::1]:1',
    'http://api.localhost:1',
    'https://api.example.com',
  ]) {
    expect(await creating(tab, api), api).toBe('created');
  }
});

test('M11: a page that came over http from a machine that is not this one cannot use it as its API', async () => {
  const page = await startPageServer('app.lan.test');
  onTestFinished(() => page.close());
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(page.origin);
  expect(await creating(tab, '/api')).toMatch(/^ERR_CONFIG: .*https/s);
});

test('M11: the API’s own host over plain http gets no token', async () => {
  const ear = await startEavesdropper();
  onTestFinished(() => ear.close());
  const world = await startWorld();
  const { apiUrl } = world;
  world.setPage({ api: [apiUrl, `https://api.lan.test:${ear.port}`] });
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  const outcome = await call(tab, `http://api.lan.test:${ear.port}/time`);
  expect([undefined, 'ERR_INSECURE_URL']).toContain(outcome.error);
  expect(ear.heard.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
});

test('M11: behind a proxy the token server refuses what came over plain http, and asks for https from then on', async () => {
  const folder = tempFolder();
  const server = await startAuthServer({
    issuer: 'https://auth.example.com',
    folder: folder.path,
    clock: movableClock(),
    allowOrigin: 'https://app.example.com',
    choices: { trustProxy: true },
  });
  onTestFinished(async () => {
    await server.close();
    folder.remove();
  });
  const asked = (scheme: string) =>
    fetch(`http://127.0.0.1:${server.port}/auth/me`, { headers: { 'x-forwarded-proto': scheme }, redirect: 'manual' });
  const plain = await asked('http');
  expect([plain.status, ((await plain.json()) as { error: string }).error]).toEqual([403, 'https_required']);
  const secure = await asked('https');
  expect(secure.status).toBe(401);
  const [, seconds] = /^max-age=(\d+)/.exec(secure.headers.get('strict-transport-security') ?? '') ?? [];
  expect(Number(seconds), 'a year at least').toBeGreaterThanOrEqual(31_536_000);
});
