import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import {
  accessToken,
  call,
  password,
  refresh,
  signedOutReasons,
  signIn,
  signOut,
  signUp,
  snapshot,
  storedRefreshToken,
  untilStatus,
} from '../harness/lab.js';
import { until } from '../harness/until.js';
import { startWorld, type World } from '../harness/world.js';

afterAll(closeEngine);

interface Device {
  readonly id: string;
  readonly current: boolean;
}

async function devices(world: World, tab: Tab): Promise<Device[]> {
  const { body } = await call(tab, `${world.apiUrl}/auth/sessions`);
  return (JSON.parse(body) as { sessions: Device[] }).sessions;
}

/** One person, signed in in two browsers. */
async function twoDevices(): Promise<{ world: World; laptop: Tab; phone: Tab }> {
  const world = await startWorld();
  const laptop = await (await world.openProfile()).newTab(world.page.origin);
  const phone = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(laptop);
  await signIn(phone);
  return { world, laptop, phone };
}

test('M13: sign-up, sign-in, profile and sign-out, over JSON, on a real database', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab, 'ada', { name: 'Ada' });
  await tab.evaluate(() => window.lab.session.updateUser({ profile: { city: 'London' } }));
  await signOut(tab);
  await untilStatus(tab, 'signed-out');
  await signIn(tab, ' ADA ');
  expect((await snapshot(tab)).user).toMatchObject({ username: 'ada', profile: { name: 'Ada', city: 'London' } });
});

test('M13: a wrong password and an unknown name are one and the same error', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  await signOut(tab);
  const attempt = (username: string) =>
    tab.evaluate(
      (name) =>
        window.lab.session
          .signIn({ username: name, password: 'not-the-password' })
          .then(() => 'signed in', window.errorText),
      username,
    );
  expect(await attempt('ada')).toMatch(/^ERR_REJECTED invalid_credentials: /);
  expect(await attempt('nobody')).toBe(await attempt('ada'));
});

test('M13: signing out everywhere ends the other device too', async () => {
  const { laptop, phone } = await twoDevices();
  await signOut(laptop, { everywhere: true });
  await untilStatus(laptop, 'signed-out');
  expect(await refresh(phone)).toMatch(/^ERR_(REFUSED|SIGNED_OUT)$/);
  await untilStatus(phone, 'signed-out');
  expect(await signedOutReasons(phone)).toEqual(['refused']);
});

test('M13: my devices are listed, and one can be ended from another', async () => {
  const { world, laptop, phone } = await twoDevices();
  const listed = await devices(world, laptop);
  expect(listed.map(({ current }) => current).sort()).toEqual([false, true]);
  const other = listed.find(({ current }) => !current)!;
  expect((await call(laptop, `${world.apiUrl}/auth/sessions/${other.id}`, { method: 'DELETE' })).status).toBe(204);
  await refresh(phone);
  await untilStatus(phone, 'signed-out');
  expect(await refresh(laptop)).toBeUndefined();
  expect(await devices(world, laptop)).toHaveLength(1);
});

test('M13: a new password keeps this session and ends all others', async () => {
  const { laptop, phone } = await twoDevices();
  const before = await accessToken(laptop);
  await laptop.evaluate(
    (current) => window.lab.session.changePassword({ current, next: 'eight-silver-lanterns' }),
    password,
  );
  await until(async () => (await accessToken(laptop)) !== before, { what: 'this session has been rotated' });
  expect(await refresh(laptop)).toBeUndefined();
  await refresh(phone);
  await untilStatus(phone, 'signed-out');
});

test('M13: the database holds neither a password nor a token that could be used', async () => {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  await refresh(tab);
  const secrets = [password, await accessToken(tab), await storedRefreshToken(tab)];
  const files = ['sessions.sqlite', 'sessions.sqlite-wal'].map((name) => join(world.folder, name));
  const bytes = files.map((file) => readFileSync(file, 'latin1')).join('');
  expect(bytes).toContain('$argon2id$');
  expect(secrets[2]).toHaveLength(98);
  expect(secrets.map((secret) => bytes.includes(secret))).toEqual([false, false, false]);
});
