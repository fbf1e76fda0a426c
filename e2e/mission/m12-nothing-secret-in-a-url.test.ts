import { secretParameters } from '@latchkey/protocol';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import { startEavesdropper } from '../harness/eavesdropper.js';
import { accessToken, call, password, signUp, storedRefreshToken } from '../harness/lab.js';
import { startWorld, type World } from '../harness/world.js';

afterAll(closeEngine);

async function signedIn(): Promise<{ world: World; tab: Tab; token: string }> {
  const world = await startWorld();
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  return { world, tab, token: await accessToken(tab) };
}

test('M12: every name of a secret, in any case and spelling and by any method, is refused before it is sent', async () => {
  const { world, tab } = await signedIn();
  const before = world.proxy.passed.length;
  const spellings = secretParameters.flatMap((name) => [
    name,
    name.toUpperCase(),
    name.replaceAll('_', '-'),
    encodeURI(name),
  ]);
  for (const name of new Set(spellings)) {
    expect((await call(tab, `${world.apiUrl}/public/x?page=1&${name}=hunter2`)).error, name).toBe('ERR_SECRET_IN_URL');
  }
  for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE']) {
    expect((await call(tab, `${world.apiUrl}/time?%74oken=x`, { method })).error, method).toBe('ERR_SECRET_IN_URL');
  }
  expect(world.proxy.passed.length, 'nothing left the browser').toBe(before);
});

test('M12: the error says what to do and not what the secret was', async () => {
  const { world, tab } = await signedIn();
  const { message } = await call(tab, `${world.apiUrl}/time?password=hunter2`);
  expect(message).toContain('password');
  expect(message).not.toContain('hunter2');
});

test('M12: page_token and its like pass', async () => {
  const { world, tab } = await signedIn();
  for (const name of ['page_token', 'tokens', 'next_token', 'password_hint', 'accessible', 'refreshed_at']) {
    expect((await call(tab, `${world.apiUrl}/time?${name}=abc`)).status, name).toBe(200);
  }
});

test('M12: the value of a current token is refused wherever in a URL it stands, also to other origins', async () => {
  const { world, tab, token } = await signedIn();
  const ear = await startEavesdropper();
  onTestFinished(() => ear.close());
  const before = world.proxy.passed.length;
  const elsewhere = `http://127.0.0.1:${ear.port}`;
  const escaped = token.replace('.', '%2E').replace('e', '%65');
  const refreshToken = await storedRefreshToken(tab);
  expect(refreshToken).toHaveLength(98);
  const urls = [
    `${world.apiUrl}/time?q=${token}`,
    `${world.apiUrl}/time?q=${escaped}`,
    `${world.apiUrl}/files/${token}`,
    `${world.apiUrl}/time?q=${refreshToken}`,
    `${elsewhere}/collect?q=${token}`,
    `${elsewhere}/${refreshToken}`,
  ];
  for (const url of urls) expect((await call(tab, url)).error, url.slice(0, 60)).toBe('ERR_SECRET_IN_URL');
  expect(world.proxy.passed.length, 'nothing left the browser').toBe(before);
  expect(ear.heard).toEqual([]);
});

test('M12: the list of names can be changed', async () => {
  const world = await startWorld({ page: { secretParameters: ['pin'] } });
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  expect((await call(tab, `${world.apiUrl}/public/x?pin=1234`)).error).toBe('ERR_SECRET_IN_URL');
  expect((await call(tab, `${world.apiUrl}/public/x?pwd=1234`)).status).toBe(200);
});

test("M12: secretsInUrl: 'warn' sends it and reports", async () => {
  const world = await startWorld({ page: { secretsInUrl: 'warn' } });
  const tab = await (await world.openProfile()).newTab(world.page.origin);
  await signUp(tab);
  expect((await call(tab, `${world.apiUrl}/public/x?pwd=hunter2`)).status).toBe(200);
  const events = await tab.evaluate(() => JSON.stringify(window.lab.session.explain()));
  expect(events).toContain('ERR_SECRET_IN_URL');
  expect(events).not.toContain('hunter2');
});

test('M12: server and verifier answer 400 to a secret in a URL, whoever sent it', async () => {
  const { world, token } = await signedIn();
  const headers = { authorization: `Bearer ${token}` };
  for (const name of secretParameters) {
    for (const path of ['/auth/me', '/time']) {
      const { status } = await fetch(`${world.apiUrl}${path}?${name.toUpperCase()}=x`, { headers });
      expect(status, `${path} ${name}`).toBe(400);
    }
  }
  expect((await fetch(`${world.apiUrl}/time?page_token=x`, { headers })).status).toBe(200);
});

test('M12: no token, password or secret of a URL gets into the server’s log', async () => {
  const { world, token } = await signedIn();
  const headers = { authorization: `Bearer ${token}` };
  await fetch(`${world.apiUrl}/auth/me?access_token=${token}&password=hunter2`, { headers });
  await fetch(`${world.apiUrl}/auth/nowhere?q=${token}`, { headers });
  const log = world.auth.log.join('\n');
  expect(world.auth.log.length).toBeGreaterThan(0);
  for (const secret of [token, 'hunter2', password, 'lk1_']) expect(log.includes(secret)).toBe(false);
});
