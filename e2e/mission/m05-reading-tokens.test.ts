import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { accessToken, call, pageErrors, signIn, signUp, snapshot, untilStatus } from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { startOpaqueServer } from '../harness/opaque-server.js';
import { until } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

const name = 'Zoë Čapková 漢字 😀';
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown) => `${encode({ alg: 'ES256', typ: 'at+jwt' })}.${encode(claims)}.${'A'.repeat(86)}`;

test('M5: names beyond ASCII arrive whole, in claims, user name and profile, in every tab', async () => {
  const world = await startWorld({ server: { claims: () => ({ name }) } });
  const profile = await world.openProfile();
  const tabs = await Promise.all([1, 2].map(() => profile.newTab(world.page.origin)));
  await signUp(tabs[0]!, 'zoë漢字', { name });
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-in')));
  for (const tab of tabs) {
    const { claims, user } = await snapshot(tab);
    expect(claims?.['name']).toBe(name);
    expect(user).toMatchObject({ username: 'zoë漢字', profile: { name } });
  }
});

test('M5: the expiry is told in milliseconds of this device, from seconds of the server', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  const before = Date.now();
  await signUp(tab);
  const { expiresAt, claims } = await snapshot(tab);
  expect(expiresAt).toBeGreaterThan(before + 899_000);
  expect(expiresAt).toBeLessThan(Date.now() + 901_000);
  expect(claims?.exp).toBeLessThan(before / 1000 + 1000);
});

/** A page on a token server whose access tokens look like this. */
async function onServerWith(accessTokenOf: ((count: number, now: number) => string) | undefined, expiresIn = 900) {
  const world = await startWorld({ movesTime: true });
  const server = await startOpaqueServer({
    expiresIn,
    ...(accessTokenOf && {
      accessToken: (count: number) => accessTokenOf(count, Math.floor(world.clock.now() / 1000)),
    }),
  });
  onTestFinished(() => server.close());
  world.setPage({ api: server.url, backend: { kind: 'opaque', url: server.url } });
  const profile = await world.openProfile();
  return { world, server, profile, tab: await profile.newTab(world.page.origin), url: `${server.url}/data` };
}

test('M5: opaque tokens work through: sign-in, calls, expiry from expires_in, every tab', async () => {
  const { world, server, profile, tab, url } = await onServerWith(undefined);
  await signIn(tab);
  const other = await profile.newTab(world.page.origin);
  await untilStatus(other, 'signed-in');
  expect((await snapshot(tab)).claims).toBeUndefined();
  expect((await call(other, url)).body).toBe('{"welcome":true}');
  const old = await accessToken(tab);

  await world.advance(minutes(16));
  const calls = await Promise.all([tab, other].map((one) => call(one, url)));
  expect(calls.map(({ status }) => status)).toEqual([200, 200]);
  expect(await accessToken(tab)).not.toBe(old);
  expect(server.renewals).toBe(1);
});

describe('M5: claims that are missing or hostile never reach the app as an exception', () => {
  const far = 4_000_000_000;
  const cases: [string, (count: number, now: number) => string][] = [
    ['no exp', (jti, now) => jwt({ jti, iat: now })],
    ['exp as text', (jti, now) => jwt({ jti, iat: now, exp: String(now + 900) })],
    ['exp in milliseconds', (jti, now) => jwt({ jti, iat: now, exp: (now + 900) * 1000 })],
    ['exp null, negative iat', (jti) => jwt({ jti, iat: -5, exp: null })],
    ['a payload that is not an object', (jti) => jwt([jti, far])],
    ['a payload that is not JSON', (jti) => `e30.${Buffer.from(`{"jti":${jti}`).toString('base64url')}.AAAA`],
    ['invalid UTF-8', (jti) => `e30.${Buffer.from([0x22, 0xff, 0x22, jti]).toString('base64url')}.AAAA`],
    [
      'a member __proto__',
      (jti, now) =>
        `e30.${Buffer.from(`{"__proto__":{"bad":1},"exp":${now + 900},"iat":${now},"jti":${jti}}`).toString('base64url')}.AAAA`,
    ],
  ];
  test.each(cases)('M5: %s', async (_, make) => {
    const { server, tab, url } = await onServerWith(make);
    await signIn(tab);
    expect((await call(tab, url)).status).toBe(200);
    const { expiresAt, status } = await snapshot(tab);
    expect(status).toBe('signed-in');
    const now = await tab.evaluate(() => Date.now());
    expect((expiresAt ?? 0) - now, 'expires_in decides').toBeGreaterThan(minutes(14));
    expect((expiresAt ?? 0) - now).toBeLessThan(minutes(16));
    expect(await tab.evaluate(() => 'bad' in {})).toBe(false);
    expect(server.renewals, 'and nothing loops').toBe(0);
    expect(await pageErrors(tab)).toEqual([]);
  });
});

test('M5: a base64url payload is read without padding whatever its length', async () => {
  const lengths: number[] = [];
  const { world, tab, url } = await onServerWith((count, now) => {
    const token = jwt({ jti: 'x'.repeat(count), iat: now, exp: now + 900, name });
    lengths.push(token.split('.')[1]!.length % 4);
    return token;
  });
  await signIn(tab);
  for (let round = 0; round < 3; round++) {
    expect((await snapshot(tab)).claims?.['name']).toBe(name);
    await world.advance(minutes(16));
    expect((await call(tab, url)).status).toBe(200);
    const renewed = round + 1;
    await until(async () => (await snapshot(tab)).claims?.jti === 'x'.repeat(renewed), {
      what: 'the next token is read',
    });
  }
  expect(new Set(lengths).size, 'each of the three possible lengths').toBe(3);
});
