import { afterAll, expect, onTestFinished, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import { startEavesdropper, type Eavesdropper } from '../harness/eavesdropper.js';
import { accessToken, call, signUp } from '../harness/lab.js';
import { startWorld, type World } from '../harness/world.js';

afterAll(closeEngine);

async function signedIn(): Promise<{ world: World; tab: Tab; ear: Eavesdropper; token: string }> {
  const ear = await startEavesdropper();
  onTestFinished(() => ear.close());
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  return { world, tab, ear, token: await accessToken(tab) };
}

/** What of a session anybody heard. */
const leaked = (ear: Eavesdropper) => ear.heard.filter(({ headers }) => headers.authorization !== undefined);

test('M6: requests to the API carry the token, however its address is spelt', async () => {
  const { world, tab, token } = await signedIn();
  const { port } = world.proxy;
  const spellings = [
    `http://127.0.0.1:${port}/time`,
    `HTTP://127.0.0.1:${port}/a/../time`,
    `http://127.1:${port}/time`,
    `http://127.0.0.1:${port}\\time`,
  ];
  for (const url of spellings) expect((await call(tab, url)).status, url).toBe(200);
  const authorizations = world.api.received.map(({ headers }) => headers.authorization);
  expect(authorizations).toEqual(spellings.map(() => `Bearer ${token}`));
});

test('M6: other origins, look-alike hosts, other ports and schemes get no token', async () => {
  const { world, tab, ear } = await signedIn();
  const here = `127.0.0.1:${world.proxy.port}`;
  const elsewhere = [
    `http://127.0.0.1:${ear.port}/other-port`,
    `http://localhost:${ear.port}/other-name`,
    `http://127.0.0.1.evil.test:${ear.port}/look-alike`,
    `http://${here}.evil.test:${ear.port}/not-a-url`,
    `http://${here}@127.0.0.1:${ear.port}/userinfo`,
    `//127.0.0.1:${ear.port}/scheme-relative`,
    `/\\127.0.0.1:${ear.port}/backslash`,
    `\thttp://127.0.0.1:${ear.port}/tab`,
    `\nhttp://127.0.0.1:${ear.port}/newline`,
    `data:text/plain,${here}`,
  ];
  for (const url of elsewhere) await call(tab, url);
  expect(ear.heard.length).toBeGreaterThanOrEqual(6);
  expect(leaked(ear)).toEqual([]);
});

test('M6: another name of the same machine is another origin', async () => {
  const { world, tab } = await signedIn();
  await call(tab, `http://localhost:${world.proxy.port}/public/name`);
  await call(tab, `http://127.0.0.1.evil.test:${world.proxy.port}/public/look-alike`);
  expect(world.api.received.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
});

test('M6: with a path prefix whole segments count, after normalising', async () => {
  const world = await startWorld();
  const { apiUrl } = world;
  world.setPage({
    api: [`${apiUrl}/v1`, `${apiUrl}/public/two`],
    backend: { kind: 'latchkey', url: `${apiUrl}/auth` },
  });
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  const token = await accessToken(tab);
  const expected: [string, boolean][] = [
    ['/v1/time', true],
    ['/v1', true],
    ['/public/two/x', true],
    ['/v1-public/time', false],
    ['/v10', false],
    ['/v1/%2e%2e/admin', false],
    ['/v1/../admin', false],
    ['/admin/../v1/time', true],
    ['/public/twofold', false],
  ];
  for (const [path] of expected) await call(tab, apiUrl + path);
  const carried = world.api.received.map(({ headers }) => headers.authorization === `Bearer ${token}`);
  expect(carried).toEqual(expected.map(([, carries]) => carries));
});

test('M6: an API that redirects elsewhere does not take the token along', async () => {
  const { world, tab, ear } = await signedIn();
  world.api.redirectTo = `http://127.0.0.1:${ear.port}/caught`;
  await call(tab, `${world.apiUrl}/redirect`);
  expect(world.api.received.at(-1)?.headers.authorization).toMatch(/^Bearer /);
  expect(ear.heard.map(({ url }) => url)).toContain('/caught');
  expect(leaked(ear)).toEqual([]);
});

test('M6: an Authorization header of the app’s own is left alone', async () => {
  const { world, tab } = await signedIn();
  await call(tab, `${world.apiUrl}/public/own`, { headers: { authorization: 'Basic b3duOm93bg==' } });
  expect(world.api.received.at(-1)?.headers.authorization).toBe('Basic b3duOm93bg==');
});
