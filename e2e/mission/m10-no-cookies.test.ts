import { afterAll, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { accessToken, call, password, refresh, signIn, signOut, signUp, untilStatus } from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { startPageServer } from '../harness/page-server.js';
import { startWorld, type World } from '../harness/world.js';

afterAll(closeEngine);

test('M10: a whole life of a session sets no cookie and sends none', async () => {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  await call(tab, `${world.apiUrl}/time`);
  await world.advance(minutes(16));
  await call(tab, `${world.apiUrl}/time`);
  await tab.evaluate(() => window.lab.session.updateUser({ profile: { name: 'Ada' } }));
  await signOut(tab);
  await signIn(tab);
  await world.advance(minutes(1));
  await tab.reload();
  await untilStatus(tab, 'signed-in');
  await refresh(tab);
  await signOut(tab, { everywhere: true });

  expect(await profile.cookieCount()).toBe(0);
  expect(await tab.evaluate(() => document.cookie)).toBe('');
  expect(world.page.cookies).toEqual([]);
  expect(world.auth.received.length).toBeGreaterThan(6);
  expect(world.auth.received.filter(({ cookie }) => cookie !== null)).toEqual([]);
  expect(world.api.received.filter(({ headers }) => headers.cookie !== undefined)).toEqual([]);
});

test('M10: no endpoint of the token server sets a cookie, whatever it answers', async () => {
  const { apiUrl } = await startWorld();
  const json = { 'content-type': 'application/json' };
  const details = JSON.stringify({ username: 'ada', password });
  const answers = [
    await fetch(`${apiUrl}/auth/sign-up`, { method: 'POST', headers: json, body: details }),
    await fetch(`${apiUrl}/auth/sign-in`, { method: 'POST', headers: json, body: details }),
    await fetch(`${apiUrl}/auth/sign-in`, { method: 'POST', headers: json, body: '{' }),
    await fetch(`${apiUrl}/auth/refresh`, { method: 'POST', headers: json, body: '{"refresh":"x"}' }),
    await fetch(`${apiUrl}/auth/sign-out`, { method: 'POST', headers: json, body: '{"refresh":"x"}' }),
    await fetch(`${apiUrl}/auth/me`),
    await fetch(`${apiUrl}/auth/sessions`),
    await fetch(`${apiUrl}/.well-known/jwks.json`),
  ];
  expect(answers.map(({ headers }) => headers.getSetCookie())).toEqual(answers.map(() => []));
  expect(answers.map(({ headers }) => headers.get('access-control-allow-credentials'))).toEqual(
    answers.map(() => null),
  );
});

/** A request of a page of another origin, with everything that a browser adds by itself. */
async function forgedFrom(world: World, init: RequestInit & { path: string }): Promise<void> {
  const attacker = await startPageServer();
  const profile = await world.openProfile();
  try {
    const victim = await profile.newTab(world.page.origin);
    await signUp(victim);
    await accessToken(victim);
    world.api.received.length = 0;
    const tab = await profile.newTab(attacker.origin);
    await tab.evaluate(
      ({ url, how }) =>
        fetch(url, { ...how, credentials: 'include', mode: 'no-cors' }).then(
          () => undefined,
          () => undefined,
        ),
      { url: world.apiUrl + init.path, how: { method: init.method ?? 'GET' } },
    );
  } finally {
    await attacker.close();
  }
}

test('M10: nothing ambient authorises a request: another site’s request is nobody’s', async () => {
  const world = await startWorld();
  await forgedFrom(world, { path: '/echo', method: 'POST' });
  expect(world.api.received).toEqual([expect.objectContaining({ url: '/echo', subject: undefined, status: 401 })]);
});

test('M10: a cookie is no credential, at the token server and at the verifier', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  const token = await accessToken(tab);
  const cookie = `access=${token}; access_token=${token}; token=${token}; Authorization=Bearer ${token}`;
  for (const path of ['/auth/me', '/auth/sessions', '/time']) {
    expect((await fetch(world.apiUrl + path, { headers: { cookie } })).status, path).toBe(401);
  }
});
