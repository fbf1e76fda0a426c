import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { minutes } from '../harness/lengths-of-time.js';
import { noisePicture } from '../harness/noise-picture.js';
import { isAt } from '../harness/pages.js';
import { until, untilTimeBrings } from '../harness/until.js';
import {
  type BankWorld,
  at,
  onAnotherDevice,
  openSignedIn,
  refreshes,
  says,
  sendMoney,
  signIn,
  startBankWorld,
  visit,
} from './harness/bank-world.js';

afterAll(closeEngine);

/** The same person in another browser. */
async function signInElsewhere(world: BankWorld): Promise<Page> {
  const tab = await (await world.openBrowser()).open();
  await signIn(tab, world.bank.user);
  await says(tab, 'user-name', world.bank.user.displayName);
  return tab;
}

describe('M13: the backend', () => {
  test('M13: a new customer opens an account, signs out and in again, and has accounts', async () => {
    const world = await startBankWorld();
    const tab = await world.browser.open('/profile');
    await isAt(tab, '/login?returnTo=%2Fprofile');
    await tab.click(at('to-sign-up'));
    await tab.click(at('sign-up-submit'));
    await says(tab, 'password-error', 'Please choose a password.');
    await tab.fill(at('display-name'), 'Grace Hopper');
    await tab.fill(at('username'), 'Grace');
    await tab.fill(at('password'), 'password1');
    await tab.click(at('sign-up-submit'));
    await says(tab, 'sign-up-error', /^This password is too easy to guess/);
    await tab.fill(at('password'), 'seven-green-lanterns');
    await tab.click(at('sign-up-submit'));
    await isAt(tab, '/profile');
    await says(tab, 'profile-username', 'grace');
    await tab.click(at('sign-out'));
    await isAt(tab, '/login');
    await signIn(tab, { username: 'GRACE', password: 'seven-green-lanterns' });
    await isAt(tab, '/');
    await says(tab, 'user-name', 'Grace Hopper');
    await tab.waitForSelector(at('account'));
    expect(world.browser.complaints).toEqual([]);
  });

  test('M13: a new password keeps this device and ends the others', async () => {
    const world = await startBankWorld({ movesTime: true });
    const tab = await openSignedIn(world, '/profile');
    const elsewhere = await signInElsewhere(world);
    await tab.fill(at('current-password'), 'not the password');
    await tab.fill(at('new-password'), 'nine quiet rivers');
    await tab.click(at('password-submit'));
    await says(tab, 'password-save-error', /.+/);
    await tab.fill(at('current-password'), world.bank.user.password);
    await tab.click(at('password-submit'));
    await says(tab, 'password-saved', /^Your password is changed/);
    await world.advance(minutes(6));
    await isAt(elsewhere, '/login');
    await visit(tab, 'devices');
    await until(async () => (await tab.locator(at('device')).count()) === 1, { what: 'this device is left alone' });
    expect(world.browser.complaints).toEqual([]);
  });

  test('M13: a person sees the devices, signs one out, and then all', async () => {
    const world = await startBankWorld({ movesTime: true });
    const tab = await openSignedIn(world);
    const elsewhere = await signInElsewhere(world);
    await onAnotherDevice(world);
    await visit(tab, 'devices');
    await until(async () => (await tab.locator(at('device')).count()) === 3, { what: 'three devices are listed' });
    expect(await tab.locator(at('this-device')).count()).toBe(1);
    await tab.locator(at('device'), { hasText: 'iPhone' }).locator(at('device-end')).click();
    await says(tab, 'device-ended', 'Safari on iPhone is signed out.');
    await until(async () => (await tab.locator(at('device')).count()) === 2, { what: 'two devices are left' });
    await tab.click(at('everywhere'));
    await tab.click(at('everywhere-cancel'));
    await tab.click(at('everywhere'));
    await tab.click(at('everywhere-confirm'));
    await isAt(tab, '/login');
    await world.advance(minutes(6));
    await isAt(elsewhere, '/login');
    await says(elsewhere, 'why-here', /^Your session has ended/);
  });

  test('M13: money moves only after a recent sign-in, which keeps page and form', async () => {
    const world = await startBankWorld({ movesTime: true });
    const tab = await openSignedIn(world, '/transfer');
    await sendMoney(tab, '12.50');
    await isAt(tab, '/transfer/done');
    await says(tab, 'sent-amount', '€12.50');

    await world.advance(minutes(6));
    await tab.click(at('another'));
    await sendMoney(tab, '1,000,000');
    await says(tab, 'amount-error', /.+/);
    await tab.fill(at('amount'), '7.25');
    await tab.click(at('transfer-submit'));
    await tab.fill(at('confirm-password'), 'not the password');
    await tab.click(at('confirm-submit'));
    await says(tab, 'confirm-error', /^User name and password do not match/);
    await tab.fill(at('confirm-password'), world.bank.user.password);
    await tab.click(at('confirm-submit'));
    await isAt(tab, '/transfer/done');
    await says(tab, 'sent-amount', '€7.25');
    await visit(tab, 'devices');
    await until(async () => (await tab.locator(at('device')).count()) === 1, { what: 'the old session is replaced' });
    expect(world.browser.complaints).toEqual([]);
  });
});

describe('M14: the Angular app', () => {
  test('M14: guards lead to the login page and back to the very page, and keep customers from the advisers’', async () => {
    const world = await startBankWorld();
    const tab = await world.browser.open('/devices?from=mail#list');
    await isAt(tab, '/login?returnTo=%2Fdevices%3Ffrom%3Dmail%23list');
    await says(tab, 'why-here', 'Please sign in to see this page.');
    await signIn(tab, world.bank.user);
    await isAt(tab, '/devices?from=mail');
    expect(new URL(tab.url()).hash).toBe('#list');
    await tab.goto(`${world.bank.url}/adviser`);
    await isAt(tab, '/forbidden');
    expect(await tab.locator(at('nav-adviser')).count()).toBe(0);
    await tab.click(at('sign-out'));
    await isAt(tab, '/login');
    await signIn(tab, world.bank.adviser);
    await says(tab, 'user-name', world.bank.adviser.displayName);
    await tab.click(at('nav-adviser'));
    await says(tab, 'adviser-customers', /^\d+$/);
    expect(world.browser.complaints).toEqual([]);
  });

  test('M14: who does nothing is warned in every tab with one countdown; an act in one tab ends it in both', async () => {
    const world = await startBankWorld({ movesTime: true });
    const [one, other] = [await openSignedIn(world), await world.browser.open('/devices')] as const;
    await other.waitForSelector(at('this-device'));
    await other.click('h1');
    await world.advance(minutes(13) - 5000);
    for (const tab of [one, other]) expect(await tab.isVisible(at('inactivity'))).toBe(false);
    await world.advance(6000);
    for (const tab of [one, other]) await says(tab, 'inactivity-left', /^1:5\d$/);
    await world.advance(minutes(1));
    for (const tab of [one, other]) await says(tab, 'inactivity-left', /^0:5\d$/);
    // As a screen reader presses it: without a pointer and without a key, and the app feigns none.
    await one.evaluate(() => addEventListener('pointerdown', () => document.body.classList.add('pointed')));
    await one.locator(at('inactivity-stay')).dispatchEvent('click');
    await untilTimeBrings(world, async () => !(await other.isVisible(at('inactivity'))), {
      what: 'the other tab warns no longer',
      withinSeconds: 5,
    });
    expect(await one.isVisible(at('inactivity'))).toBe(false);
    expect(await one.locator('.pointed').count()).toBe(0);

    await world.advance(minutes(15));
    for (const tab of [one, other]) {
      await until(() => new URL(tab.url()).pathname === '/login', { what: 'the tab is at the login page' });
      await says(tab, 'why-here', 'Nothing happened for a while, so we signed you out to keep your account safe.');
    }
    expect(world.browser.complaints).toEqual([]);
  });

  test('M14: an upload that the API refuses for its token goes again by itself, and once', async () => {
    const world = await startBankWorld();
    const { bank } = world;
    const tab = await openSignedIn(world, '/profile');
    const before = bank.faults.count(refreshes);
    // The servers' time moves on, the browser's does not: it takes its token for a good one.
    bank.clock.advance(minutes(6));
    const buffer = noisePicture(300_000);
    await tab.setInputFiles(at('picture-file'), { name: 'me.png', mimeType: 'image/png', buffer });
    await says(tab, 'picture-done', 'Your new picture is there.');
    const uploads = bank.faults.passed.filter(({ method }) => method === 'PUT');
    expect(uploads.map(({ end }) => end?.status)).toEqual([401, 204]);
    expect(bank.faults.count(refreshes) - before).toBe(1);
    expect(world.browser.complaints).toEqual([]);
  });

  test('M14: a statement comes down as a file, with the token', async () => {
    const world = await startBankWorld();
    const tab = await openSignedIn(world);
    await tab.click(at('account') + ' >> nth=0');
    await tab.waitForSelector(at('entry'));
    const [file] = await Promise.all([tab.waitForEvent('download'), tab.click(at('download'))]);
    expect(file.suggestedFilename()).toMatch(/^larkfield-.+\.csv$/);
    await says(tab, 'download-done', /^Downloaded, \d+ KB\.$/);
    expect(world.browser.complaints).toEqual([]);
  });
});
