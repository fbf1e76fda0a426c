import { mkdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { startDemo } from '../examples/plain/src/server/demo.js';
import { closeEngine, openProfile, type Profile, type ProfileOptions, type Tab } from './harness/browser.js';
import { demoPageFolder } from './harness/bundles.js';
import { movableClock } from '@latchkey/example-shared';
import { days } from './harness/lengths-of-time.js';
import { noisePicture } from './harness/noise-picture.js';
import { tempFolder } from './harness/temp-folder.js';
import { until } from './harness/until.js';

afterAll(closeEngine);

const pictures = fileURLToPath(new URL('../test-output/demo/', import.meta.url));
mkdirSync(pictures, { recursive: true });

/** The demo as `npm start` runs it, and a person's browser, which can be closed and opened again. */
async function startVisit() {
  const folder = tempFolder();
  const clock = movableClock();
  const start = (port = 0) => startDemo({ dataFolder: `${folder.path}/data`, clock, pageFolder: demoPageFolder, port });
  const demos = [await start()];
  const demo = demos[0]!;
  const profiles: Profile[] = [];
  onTestFinished(async () => {
    await Promise.all(profiles.map((profile) => profile.close()));
    await Promise.all(demos.map((one) => one.close()));
    folder.remove();
  });
  const openBrowser = async (options: ProfileOptions = {}) => {
    const profile = await openProfile({ folder: `${folder.path}/profile`, time: clock.now(), ...options });
    profiles.push(profile);
    return profile;
  };
  const restart = async () => void demos.push(await start(Number(new URL(demo.url).port)));
  const stop = async () => demos.pop()?.close();
  return { demo, clock, openBrowser, stop, restart };
}

async function signIn(tab: Tab): Promise<void> {
  await tab.click('#fill-in-demo');
  await tab.click('#sign-in-form button[type=submit]');
  await untilShown(tab, 'Signed in');
}

const untilShown = (tab: Tab, status: string): Promise<void> =>
  until(async () => (await tab.text('#status')) === status, { what: `the page says ${status}` });

const shot = (tab: Tab, name: string) => tab.screenshot(`${pictures}${name}.png`);

test('a person opens three tabs, signs out in one and sees all three out', async () => {
  const { demo, openBrowser } = await startVisit();
  const browser = await openBrowser();
  const first = await browser.newTab(demo.url);
  await shot(first, '1-signed-out');
  await signIn(first);
  const others = [await browser.newTab(demo.url), await browser.newTab(demo.url)];
  const tabs = [first, ...others];
  for (const tab of tabs) await untilShown(tab, 'Signed in');
  expect(await first.text('#greeting')).toBe('Hello, Demo Person');
  await first.click('#call-api');
  await until(async () => (await first.text('#api-answer')).includes('Server time'), { what: 'the API has answered' });
  await shot(first, '2-signed-in');

  await tabs[1]!.click('#sign-out');
  for (const tab of tabs) await untilShown(tab, 'Signed out');
  expect(await first.text('#sign-in-notice')).toBe('You were signed out in another tab.');
  await shot(first, '3-signed-out-elsewhere');
});

test('a person breaks the network, reloads and is still signed in', async () => {
  const { demo, clock, openBrowser } = await startVisit();
  const browser = await openBrowser();
  const tab = await browser.newTab(demo.url);
  await signIn(tab);
  await tab.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await tab.reload();
  await untilShown(tab, 'Signed in');

  await browser.setOffline(true);
  clock.advance(60_000);
  await browser.advance(60_000);
  await tab.reload();
  await until(async () => (await tab.text('#status')).startsWith('Signed in'), {
    what: 'the reloaded page is signed in',
  });
  expect(await tab.text('#greeting')).toBe('Hello, Demo Person');
  await shot(tab, '4-without-network');

  await browser.setOffline(false);
  await untilShown(tab, 'Signed in');
  await tab.click('#call-api');
  await until(async () => (await tab.text('#api-answer')).includes('Server time'), { what: 'the API has answered' });
});

test('a person stops the server, reloads and is still signed in, and goes on when it is back', async () => {
  const { demo, openBrowser, stop, restart } = await startVisit();
  const tab = await (await openBrowser()).newTab(demo.url);
  await signIn(tab);
  await tab.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
  await stop();
  await tab.reload();
  await until(async () => (await tab.text('#status')).startsWith('Signed in'), {
    what: 'the reloaded page is signed in',
  });
  await tab.click('#refresh');
  await untilShown(tab, 'Signed in, offline');

  await restart();
  await tab.click('#call-api');
  await until(async () => (await tab.text('#api-answer')).includes('Server time'), { what: 'the API has answered' });
  await untilShown(tab, 'Signed in');
});

test('a person comes back after 29 days signed in, and after 31 not', async () => {
  const { demo, clock, openBrowser } = await startVisit();
  const first = await openBrowser();
  await signIn(await first.newTab(demo.url));
  await first.close();

  clock.advance(days(29));
  const second = await openBrowser();
  const back = await second.newTab(demo.url);
  await untilShown(back, 'Signed in');
  await back.click('#call-api');
  await until(async () => (await back.text('#api-answer')).includes('Server time'), { what: 'the API has answered' });
  await second.close();

  clock.advance(days(31));
  const third = await openBrowser();
  const late = await third.newTab(demo.url);
  await untilShown(late, 'Signed out');
  await shot(late, '5-after-31-days');
});

test('a person uploads a 10 MB picture and localStorage stays small', async () => {
  const { demo, openBrowser } = await startVisit();
  const browser = await openBrowser({ viewport: { width: 390, height: 844 }, dark: true });
  const tab = await browser.newTab(demo.url);
  await signIn(tab);
  const buffer = noisePicture(10 * 1024 * 1024);
  await tab.chooseFile('#picture-file', { name: 'me.png', mimeType: 'image/png', buffer });
  await until(
    () => tab.evaluate(() => (document.querySelector<HTMLImageElement>('#picture')?.naturalWidth ?? 0) > 3000),
    { what: 'the picture is shown' },
  );
  expect(await tab.text('#picture-hint')).toContain('me.png (10.5 MB)');
  const stored = await tab.evaluate(() =>
    Object.entries<string>(localStorage).reduce((sum, [key, value]) => sum + key.length + value.length, 0),
  );
  expect(stored).toBeLessThan(4096);
  await shot(tab, '6-picture-on-a-phone-in-the-dark');
});

test('a person signs up, changes the name, and sees it in another tab', async () => {
  const { demo, openBrowser } = await startVisit();
  const browser = await openBrowser();
  const tab = await browser.newTab(demo.url);
  await tab.click('#to-sign-up');
  await tab.fill('#sign-up-username', 'grace');
  await tab.fill('#sign-up-name', 'Grace Hopper');
  await tab.fill('#sign-up-password', 'seven-green-lanterns');
  await tab.click('#sign-up-form button[type=submit]');
  await untilShown(tab, 'Signed in');
  const other = await browser.newTab(demo.url);
  await until(async () => (await other.text('#greeting')) === 'Hello, Grace Hopper', { what: 'the other tab greets' });
  await tab.fill('#display-name', 'Rear Admiral Hopper');
  await tab.click('#profile-form button[type=submit]');
  await until(async () => (await other.text('#greeting')) === 'Hello, Rear Admiral Hopper', {
    what: 'the name is new',
  });
});
