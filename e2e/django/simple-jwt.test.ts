import { afterAll, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import {
  accessToken,
  call,
  pageErrors,
  signedOutReasons,
  signOut,
  snapshot,
  storedRefreshToken,
  untilStatus,
} from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until, untilTimeBrings } from '../harness/until.js';
import { credentials, signInAtDjango, startDjangoWorld } from './django-world.js';

afterAll(closeEngine);

const refreshes = /^POST \/api\/token\/refresh\//;
test('M1: with Django, the page opens signed in with a new token and the user from userUrl', async () => {
  const world = await startDjangoWorld();
  const tab = await world.profile.newTab(world.page.origin);
  await tab.evaluate(signInAtDjango.run, credentials);
  await until(async () => (await snapshot(tab)).user?.username === 'ada', { what: 'the user is loaded' });
  expect((await snapshot(tab)).user?.profile).toEqual({ first_name: 'Zoë 漢字' });
  expect((await call(tab, `${world.url}/api/me/`)).status).toBe(200);

  const old = await accessToken(tab);
  await world.advance(minutes(1));
  await tab.reload();
  await untilStatus(tab, 'signed-in');
  await until(async () => (await accessToken(tab)) !== old, { what: 'the reloaded page has a new token' });
  await until(async () => (await snapshot(tab)).user?.username === 'ada', { what: 'and the user' });
  expect(world.proxy.count(refreshes)).toBe(1);
  await until(() => world.proxy.count(/^GET \/api\/me\//) >= 3, {
    what: 'the user was loaded at sign-in and at the reload',
  });
});

test('M1, E41: with Django, eight tabs whose token expires at once make one refresh and stay signed in, again and again', async () => {
  const world = await startDjangoWorld();
  const first = await world.profile.newTab(world.page.origin);
  await first.evaluate(signInAtDjango.run, credentials);
  const others = await Promise.all(Array.from({ length: 7 }, () => world.profile.newTab(world.page.origin)));
  const tabs = [first, ...others];
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-in')));

  for (let round = 1; round <= 4; round++) {
    await world.advance(minutes(6));
    const calls = await Promise.all(tabs.map((tab) => call(tab, `${world.url}/api/me/`)));
    expect(
      calls.map(({ status }) => status),
      `round ${round}`,
    ).toEqual(Array(8).fill(200));
    expect(new Set(await Promise.all(tabs.map((tab) => accessToken(tab)))).size).toBe(1);
    expect(world.proxy.count(refreshes)).toBe(round);
  }
  for (const tab of tabs) {
    expect(await signedOutReasons(tab)).toEqual([]);
    expect(await pageErrors(tab)).toEqual([]);
  }
});

test('M4: with Django, a call never meets a token that has ended, though SimpleJWT misdates those that it refreshes', async () => {
  const world = await startDjangoWorld();
  const tab = await world.profile.newTab(world.page.origin);
  await tab.evaluate(signInAtDjango.run, credentials);
  for (let passed = 0; passed < 30; passed++) {
    await world.advance(minutes(1));
    // Waits for the refresh at the margin: time that passes in the middle of one would time it out.
    await accessToken(tab, 70);
    expect((await call(tab, `${world.url}/api/me/`)).status).toBe(200);
  }
  expect(world.proxy.passed.filter(({ end }) => end?.status === 401)).toEqual([]);
  const rotations = world.proxy.count(refreshes);
  expect(rotations).toBeGreaterThanOrEqual(6);
  expect(rotations).toBeLessThanOrEqual(8);
});

test('M8: with Django, signing out ends the session in every tab and blacklists the token', async () => {
  const world = await startDjangoWorld();
  const tabs = await Promise.all([1, 2, 3].map(() => world.profile.newTab(world.page.origin)));
  await tabs[0]!.evaluate(signInAtDjango.run, credentials);
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-in')));
  const refreshToken = await storedRefreshToken(tabs[0]!);

  await signOut(tabs[1]!);
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-out')));
  await until(() => world.proxy.answered(/^POST \/api\/token\/blacklist\//) > 0, { what: 'Django is told' });
  expect(await tabs[2]!.evaluate(() => JSON.stringify(localStorage))).not.toContain('eyJ');
  const again = await fetch(`${world.url}/api/token/refresh/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh: refreshToken }),
  });
  expect(again.status).toBe(401);
});

test('M2: with Django, a wrong password is an error that says so, and a refused refresh signs out', async () => {
  const world = await startDjangoWorld();
  const tab = await world.profile.newTab(world.page.origin);
  const wrong = await tab.evaluate(
    (them) => window.lab.session.signIn(them).then(() => 'signed in', window.errorText),
    { ...credentials, password: 'no' },
  );
  expect(wrong).toMatch(/^ERR_REJECTED invalid_credentials: /);

  await tab.evaluate(signInAtDjango.run, credentials);
  const refresh = await storedRefreshToken(tab);
  await fetch(`${world.url}/api/token/blacklist/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ refresh }),
  });
  await world.advance(minutes(6));
  await untilStatus(tab, 'signed-out');
  expect(await signedOutReasons(tab)).toEqual(['refused']);
});

test('M2: with Django, a Django that is down for a while signs nobody out', async () => {
  const world = await startDjangoWorld();
  const tab = await world.profile.newTab(world.page.origin);
  await tab.evaluate(signInAtDjango.run, credentials);
  const html = { kind: 'answer', status: 502, headers: { 'content-type': 'text/html' }, body: '<h1>502</h1>' } as const;
  const fault = world.proxy.fail(/^POST/, html);
  await world.advance(minutes(6));
  await until(() => fault.hits > 0, { what: 'a refresh has failed' });
  await tab.reload();
  await untilStatus(tab, 'signed-in');
  fault.lift();
  await untilTimeBrings(world, async () => (await call(tab, `${world.url}/api/me/`)).status === 200, {
    what: 'calls succeed again',
    withinSeconds: 120,
  });
  expect(await signedOutReasons(tab)).toEqual([]);
});

test('M1: somebody who was signed in before the app used Latchkey, by `currentUser` and `refresh`, stays signed in', async () => {
  const world = await startDjangoWorld();
  const answer = await fetch(`${world.url}/api/token/`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(credentials),
  });
  const issued = (await answer.json()) as { access: string; refresh: string };

  const options = world.page.options!;
  world.page.options = undefined;
  const before = await world.profile.newTab(world.page.origin);
  await before.evaluate(({ access, refresh }) => {
    localStorage.setItem('currentUser', access);
    localStorage.setItem('refresh', refresh);
  }, issued);
  world.page.options = options;

  const tabs = await Promise.all([1, 2, 3].map(() => world.profile.newTab(world.page.origin)));
  await Promise.all(tabs.map((tab) => untilStatus(tab, 'signed-in')));
  for (const tab of tabs) {
    expect((await call(tab, `${world.url}/api/me/`)).body).toContain('ada');
    await until(async () => (await snapshot(tab)).user?.username === 'ada', { what: 'the user is loaded' });
  }
  await world.advance(minutes(6));
  for (const tab of tabs) expect((await call(tab, `${world.url}/api/me/`)).status).toBe(200);
  await tabs[0]!.reload();
  await untilStatus(tabs[0]!, 'signed-in');
  const kept = await tabs[0]!.evaluate(() => [localStorage.getItem('currentUser'), localStorage.getItem('refresh')]);
  expect(kept[0], 'kept in step for a roll-back').toBe(await accessToken(tabs[0]!));
  expect(kept[1]).not.toBe(issued.refresh);
});
