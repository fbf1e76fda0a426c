import type { Page, Request } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { minutes } from '../harness/lengths-of-time.js';
import { noisePicture } from '../harness/noise-picture.js';
import { isAt } from '../harness/pages.js';
import { until } from '../harness/until.js';
import {
  type BankWorld,
  at,
  openSignedIn,
  refreshes,
  says,
  signIn,
  startBankWorld,
  storedCharacters,
  visit,
} from './harness/bank-world.js';

afterAll(closeEngine);

const pathOf = (request: Request): string => new URL(request.url()).pathname;

/** Sees every page that loads something. */
async function seeEverything(tab: Page): Promise<void> {
  await tab.click(at('account') + ' >> nth=0');
  await tab.waitForSelector(at('entry'));
  await visit(tab, 'transfer');
  await tab.waitForSelector(at('from'));
  await visit(tab, 'devices');
  await tab.waitForSelector(at('this-device'));
  await visit(tab, 'profile');
  await visit(tab, 'accounts');
  await says(tab, 'savings-rate', 'Savings earn 2.10% a year');
}

test('M6, M7: the token goes with every call of the API that wants it, and with nothing else', async () => {
  const world = await startBankWorld();
  const tab = await openSignedIn(world);
  await seeEverything(tab);
  const { requests } = world.browser;
  const sent = await Promise.all(
    requests.map(async (request) => ({ path: pathOf(request), authorization: await authorizationOf(request) })),
  );
  const [with_, without] = [sent.filter((one) => one.authorization), sent.filter((one) => !one.authorization)];
  expect(new Set(with_.map(({ path }) => /^\/(api|auth)\//.exec(path)?.[1]))).toEqual(new Set(['api', 'auth']));
  const bare = without.map(({ path }) => path).filter((path) => /^\/(api|auth)\//.test(path));
  expect(new Set(bare)).toEqual(new Set(['/auth/sign-in', '/api/rates']));
  expect(without.some(({ path }) => path === '/demo-account.json')).toBe(true);
  expect(without.some(({ path }) => path.endsWith('.js'))).toBe(true);
  expect(requests.every((request) => new URL(request.url()).origin === world.bank.url)).toBe(true);
});

const authorizationOf = async (request: Request): Promise<string | undefined> =>
  (await request.allHeaders())['authorization'];

describe('M9: files and the 5 MB limit', () => {
  test('M9: a picture of 10 MB goes up with progress, shows in every tab, and storage stays small', async () => {
    const world = await startBankWorld();
    const tab = await openSignedIn(world, '/profile');
    const other = await world.browser.open();
    const seen = await watchProgress(tab);
    const buffer = noisePicture(10 * 1024 * 1024);
    // On this machine alone a picture may be there before it has been seen on its way.
    world.bank.faults.slow(/^PUT /, { bytesPerSecond: 20_000_000 });
    await tab.setInputFiles(at('picture-file'), { name: 'me.png', mimeType: 'image/png', buffer });
    await says(tab, 'picture-done', 'Your new picture is there.');
    for (const one of [tab, other]) await until(() => isPictureShown(one), { what: 'the picture is shown' });
    expect((await seen()).length).toBeGreaterThan(1);
    expect(await storedCharacters(tab)).toBeLessThan(4096);
    await tab.click(at('picture-remove'));
    await until(async () => !(await isPictureShown(other)), { what: 'the picture is gone in the other tab' });
    expect(world.browser.complaints).toEqual([]);
  });

  test('M9: a full localStorage ends no session', async () => {
    const world = await startBankWorld({ movesTime: true });
    const tab = await openSignedIn(world);
    await tab.evaluate(() => {
      for (let size = 1 << 20; size >= 1; size = Math.floor(size / 2)) {
        try {
          for (let at = 0; ; at += 1) localStorage.setItem(`filler-${size}-${at}`, 'x'.repeat(size));
        } catch {
          // Full to this size; smaller ones may still fit.
        }
      }
    });
    const before = world.bank.faults.count(refreshes);
    await world.advance(minutes(6));
    await visit(tab, 'devices');
    await tab.waitForSelector(at('this-device'));
    expect(world.bank.faults.count(refreshes)).toBeGreaterThan(before);
    await tab.reload();
    await tab.waitForSelector(at('this-device'));
    await says(tab, 'user-name', world.bank.user.displayName);
    expect(world.browser.complaints).toEqual([]);
  });
});

/** Notes what the progress bar shows; gives the values so far. */
async function watchProgress(tab: Page): Promise<() => Promise<number[]>> {
  await tab.evaluate((bar) => {
    const values: number[] = [];
    Object.assign(window, { progressSeen: values });
    new MutationObserver(() => {
      const { value } = document.querySelector<HTMLProgressElement>(bar) ?? { value: NaN };
      if (value > 0 && value !== values.at(-1)) values.push(value);
    }).observe(document, { subtree: true, childList: true, attributes: true });
  }, at('picture-progress'));
  return () => tab.evaluate(() => (window as unknown as { progressSeen: number[] }).progressSeen);
}

const isPictureShown = (tab: Page): Promise<boolean> =>
  tab.evaluate(
    (picture) => (document.querySelector<HTMLImageElement>(picture)?.naturalWidth ?? 0) > 1000,
    at('avatar-picture'),
  );

test('M10: no cookie is set, kept or sent', async () => {
  const world = await startBankWorld();
  const answers: Promise<Record<string, string>>[] = [];
  world.browser.context.on('response', (answer) => answers.push(answer.allHeaders()));
  const tab = await openSignedIn(world);
  await seeEverything(tab);
  await tab.click(at('sign-out'));
  await isAt(tab, '/login');
  expect(await world.browser.context.cookies()).toEqual([]);
  for (const headers of await Promise.all(answers)) expect(headers).not.toHaveProperty('set-cookie');
  for (const request of world.browser.requests) expect(await request.allHeaders()).not.toHaveProperty('cookie');
});

test('M11: at an address that is neither https nor this machine, no password and no token is sent', async () => {
  const world = await startBankWorld();
  const tab = await world.browser.context.newPage();
  await tab.goto(`${world.bank.url.replace('127.0.0.1', 'bank.lan.test')}/login`);
  await until(() => world.browser.complaints.some((text) => text.includes('https')), {
    what: 'the developer is told why',
    seen: () => world.browser.complaints.join('\n'),
  });
  expect(world.bank.faults.count(/ \/(auth|api)\//)).toBe(0);
});

describe('M12: nothing secret in a URL', () => {
  test('M12: what somebody types is not sent if it is the token', async () => {
    const world = await startBankWorld();
    const tab = await openSignedIn(world);
    await tab.click(at('account') + ' >> nth=0');
    await tab.waitForSelector(at('entry'));
    const token = await tokenOf(world);
    await tab.fill(at('search'), token);
    await says(tab, 'load-error', /.+/);
    const urls = world.browser.requests.filter((request) => /^\/(api|auth)/.test(pathOf(request)));
    expect(urls.filter((request) => request.url().includes(token))).toEqual([]);
    await says(tab, 'user-name', world.bank.user.displayName);
  });

  test('M12: the API and the token server refuse a token in a query, and name it nowhere', async () => {
    const world = await startBankWorld();
    await openSignedIn(world);
    const token = await tokenOf(world);
    for (const path of ['/api/accounts', '/auth/me']) {
      const headers = { authorization: `Bearer ${token}` };
      expect((await fetch(`${world.bank.url}${path}`, { headers })).status, path).toBe(200);
      const refused = await fetch(`${world.bank.url}${path}?access_token=${token}`, { headers });
      expect(refused.status, path).toBe(400);
      expect(await refused.text()).not.toContain(token);
    }
  });

  test('M12: a form that is sent before the app is there has its password in no address', async () => {
    const world = await startBankWorld();
    const tab = await world.browser.open('/login');
    for (const path of ['/login', '/sign-up']) {
      await tab.goto(world.bank.url + path);
      await tab.waitForSelector('form');
      const methods = await tab.evaluate(() => [...document.forms].map(({ method }) => method));
      expect(new Set(methods), path).toEqual(new Set(['post']));
    }
    await tab.goto(`${world.bank.url}/login`);
    await signIn(tab, { ...world.bank.user, password: 'not the password' });
    await says(tab, 'login-error', /^User name and password do not match/);
    expect(world.browser.requests.filter((request) => decodeURIComponent(request.url()).includes('password'))).toEqual(
      [],
    );
  });
});

/** The access token that the browser sent last. */
async function tokenOf({ browser }: BankWorld): Promise<string> {
  const sent = await Promise.all(browser.requests.map(authorizationOf));
  const [, token] = sent.findLast((header) => header?.startsWith('Bearer '))?.split(' ') ?? [];
  expect(token).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/);
  return token!;
}
