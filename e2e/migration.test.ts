import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FaultProxy, serveOnLoopback, movableClock } from '@latchkey/example-shared';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { run } from './angular/harness/run.js';
import { startDjango } from './django/django-server.js';
import { startApiServer } from './harness/api-server.js';
import { startAuthServer } from './harness/auth-server.js';
import { closeEngine, openProfile, type Profile, type Tab } from './harness/browser.js';
import { minutes } from './harness/lengths-of-time.js';
import { tempFolder } from './harness/temp-folder.js';
import { until } from './harness/until.js';

type Version = 'before' | 'after';

const example = fileURLToPath(new URL('../examples/migration/', import.meta.url));
const ng = fileURLToPath(new URL('../node_modules/@angular/cli/bin/ng.js', import.meta.url));
const credentials = { username: 'ada', password: 'seven-green-lanterns' };
const oldKeys = ['currentUser', 'refresh'];

beforeAll(async () => {
  for (const version of ['before', 'after']) await run(process.execPath, [ng, 'build', version], example);
}, 300_000);

afterAll(closeEngine);

/** An app on the one origin that it shares with its API, as one version or the other. */
interface Deployment {
  readonly origin: string;
  readonly proxy: FaultProxy;
  readonly profile: Profile;
  /** What refreshes, as the proxy sees it. */
  readonly refreshes: RegExp;
  deploy(version: Version): void;
  advance(milliseconds: number): Promise<void>;
}

/** A server of tokens, and the API behind it. */
interface Backend {
  readonly route: (path: string) => number | undefined;
  readonly refreshes: RegExp;
  advance(milliseconds: number): Promise<void> | void;
  close(): Promise<void>;
}

/** Django with SimpleJWT, strict single use. */
async function django(origin: string): Promise<Backend> {
  const server = await startDjango({ allowedOrigin: origin, accessSeconds: 300 });
  await server.addUser(credentials.username, credentials.password);
  return {
    route: (path) => (path.startsWith('/api/') ? server.port : undefined),
    refreshes: /^POST \/api\/token\/refresh\//,
    advance: (by) => server.advance(by),
    close: () => server.stop(),
  };
}

/** Our own token server, and an API behind the verifier. */
async function latchkey(origin: string): Promise<Backend> {
  const folder = tempFolder();
  const clock = movableClock();
  const shared = { issuer: origin, clock, allowOrigin: origin };
  const choices = { lifetimes: { accessSeconds: 300 } };
  const auth = await startAuthServer({ ...shared, folder: folder.path, choices });
  const api = await startApiServer({ ...shared, jwksUrl: `http://127.0.0.1:${auth.port}/.well-known/jwks.json` });
  await fetch(`http://127.0.0.1:${auth.port}/auth/sign-up`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  return {
    route: (path) => (path.startsWith('/auth/') ? auth.port : path.startsWith('/api/') ? api.port : undefined),
    refreshes: /^POST \/auth\/refresh/,
    advance: (by) => clock.advance(by),
    close: async () => {
      await Promise.all([auth.close(), api.close()]);
      folder.remove();
    },
  };
}

const backends = { django, latchkey };

async function startDeployment(kind: keyof typeof backends): Promise<Deployment> {
  const deployed = { version: 'before' as Version };
  const app = await serveOnLoopback((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://app');
    const file = join(example, 'dist', deployed.version, 'browser', pathname.endsWith('.js') ? pathname : 'index.html');
    if (!existsSync(file)) return void response.writeHead(404).end();
    const text = readFileSync(file, 'utf8').replace('content="django"', `content="${kind}"`);
    const type = file.endsWith('.js') ? 'text/javascript' : 'text/html; charset=utf-8';
    response.writeHead(200, { 'content-type': type, 'cache-control': 'no-store' }).end(text);
  });
  const routes: { of?: Backend['route'] } = {};
  const proxy = await FaultProxy.start((path) => routes.of?.(path) ?? app.port);
  const origin = `http://127.0.0.1:${proxy.port}`;
  const backend = await backends[kind](origin);
  routes.of = backend.route;
  const profile = await openProfile({ time: Date.now() });
  onTestFinished(async () => {
    await profile.close();
    await Promise.all([proxy.close(), app.close(), backend.close()]);
  });
  return {
    ...{ origin, proxy, profile, refreshes: backend.refreshes },
    deploy: (version) => void (deployed.version = version),
    advance: async (by) => {
      await backend.advance(by);
      await profile.advance(by);
    },
  };
}

async function signIn(tab: Tab): Promise<void> {
  await tab.fill('#name', credentials.username);
  await tab.fill('#password', credentials.password);
  await tab.click('#sign-in');
  await tab.text('#load');
}

/** Presses the button until the app has something to say, and gives that. */
async function load(tab: Tab): Promise<string> {
  const before = await tab.text('#shown');
  await tab.click('#load');
  await until(async () => (await tab.text('#shown')) !== before, { what: 'the page shows what came' });
  return tab.text('#shown');
}

const kept = (tab: Tab): Promise<(string | null)[]> =>
  tab.evaluate((keys) => keys.map((key) => localStorage.getItem(key)), oldKeys);

/** Whether the token under the old key is still good for a minute, by the page's clock. */
const holdsLivingToken = (tab: Tab): Promise<boolean> =>
  tab.evaluate(() => {
    const [, payload = ''] = (localStorage.getItem('currentUser') ?? '').split('.');
    const { exp } = JSON.parse(atob(payload.replaceAll('-', '+').replaceAll('_', '/'))) as { exp: number };
    return exp * 1000 > Date.now() + 60_000;
  });

const untilOut = (tab: Tab) => tab.text('#sign-in');

describe.each(Object.keys(backends) as (keyof typeof backends)[])('with %s', (kind) => {
  test('M1: people who are signed in stay so when Latchkey comes, and tokens rotate', async () => {
    const deployment = await startDeployment(kind);
    const { origin, proxy, profile, refreshes } = deployment;
    const tab = await profile.newTab(origin);
    await signIn(tab);
    expect(await load(tab)).toBe('Loaded 1');
    await deployment.advance(minutes(6));
    expect(await load(tab), 'the hand-written interceptor refreshes').toBe('Loaded 2');
    const old = await kept(tab);

    deployment.deploy('after');
    await tab.reload();
    await until(async () => (await tab.text('#user')) === 'ada', { what: 'the page knows who is signed in' });
    expect(await load(tab)).toBe('Loaded 1');
    const [access, refresh] = await kept(tab);
    expect(access, 'refreshed, and the old key kept in step').not.toBe(old[0]);
    expect(refresh).not.toBe(old[1]);

    const other = await profile.newTab(origin);
    const before = proxy.count(refreshes);
    await deployment.advance(minutes(6));
    expect(await Promise.all([load(tab), load(other)])).toEqual(['Loaded 2', 'Loaded 1']);
    expect(proxy.count(refreshes) - before, 'two tabs, one refresh').toBe(1);

    await tab.click('#sign-out');
    await Promise.all([untilOut(tab), untilOut(other)]);
    expect(await kept(tab)).toEqual([null, null]);
    await signIn(other);
    await until(async () => (await tab.text('#user')) === 'ada', { what: 'signing in shows in the other tab' });
  });

  test('M1: going back to the old version keeps them signed in, and so does coming again', async () => {
    const deployment = await startDeployment(kind);
    const { origin, profile } = deployment;
    const tab = await profile.newTab(origin);
    await signIn(tab);
    deployment.deploy('after');
    await tab.reload();
    await until(async () => (await tab.text('#user')) === 'ada', { what: 'Latchkey has taken over' });
    await deployment.advance(minutes(6));
    expect(await load(tab)).toBe('Loaded 1');

    deployment.deploy('before');
    await tab.reload();
    expect(await load(tab)).toBe('Loaded 1');
    await deployment.advance(minutes(6));
    expect(await load(tab), 'the hand-written interceptor refreshes by what Latchkey kept').toBe('Loaded 2');

    deployment.deploy('after');
    await tab.reload();
    expect(await load(tab)).toBe('Loaded 1');
    await until(async () => (await tab.text('#user')) === 'ada', { what: 'Latchkey has taken over again' });
  });

  test('M1: a tab of the old version, open since before the deploy, and tabs of the new one keep each other signed in', async () => {
    const deployment = await startDeployment(kind);
    const { origin, profile } = deployment;
    const old = await profile.newTab(origin);
    await signIn(old);
    deployment.deploy('after');
    for (let round = 1; round <= 3; round += 1) {
      const tab = await profile.newTab(origin);
      await until(async () => (await tab.text('#user')) === 'ada', { what: `Latchkey has taken over, round ${round}` });
      expect(await load(tab), `round ${round}`).toBe('Loaded 1');
      // The new tab is awake, and refreshes by itself: the old one is served by what that got.
      await deployment.advance(minutes(6));
      await until(() => holdsLivingToken(old), { what: `the new tab has refreshed, round ${round}` });
      expect(await load(old), `round ${round}`).toMatch(/^Loaded/);
      expect(await load(tab), `round ${round}`).toBe('Loaded 2');
      // It is closed, and the old one refreshes: the next new one goes on from there.
      await tab.close();
      await deployment.advance(minutes(6));
      expect(await load(old), `round ${round}`).toMatch(/^Loaded/);
    }
  });

  test('M8: who signs out in a tab of the old version is signed out in those of the new one, at once', async () => {
    const deployment = await startDeployment(kind);
    const old = await deployment.profile.newTab(deployment.origin);
    await signIn(old);
    deployment.deploy('after');
    const tab = await deployment.profile.newTab(deployment.origin);
    await until(async () => (await tab.text('#user')) === 'ada', { what: 'Latchkey has taken over' });
    await old.click('#sign-out');
    await untilOut(tab);
    await tab.reload();
    await untilOut(tab);
  });

  test('M2: a 503 at a refresh signed people out before, and signs nobody out after', async () => {
    const deployment = await startDeployment(kind);
    const { origin, proxy, profile, refreshes } = deployment;
    const tab = await profile.newTab(origin);
    await signIn(tab);
    const deploying = proxy.fail(refreshes, { kind: 'answer', status: 503 });
    await deployment.advance(minutes(6));
    await tab.click('#load');
    await untilOut(tab);
    deploying.lift();

    deployment.deploy('after');
    await tab.reload();
    await signIn(tab);
    const again = proxy.fail(refreshes, { kind: 'answer', status: 503 });
    await deployment.advance(minutes(6));
    await until(() => again.hits > 0, { what: 'a refresh has failed' });
    await tab.reload();
    expect(await tab.text('#user')).toBe('ada');
    again.lift();
    await until(
      async () => {
        await deployment.advance(1000);
        return (await load(tab)).startsWith('Loaded');
      },
      { what: 'calls succeed again' },
    );
  });
});
