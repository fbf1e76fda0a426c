import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { minutes } from '../harness/lengths-of-time.js';
import { noisePicture } from '../harness/noise-picture.js';
import { isAt } from '../harness/pages.js';
import { type BankWorld, at, onAnotherDevice, says, signIn, startBankWorld, visit } from './harness/bank-world.js';
import { type Look, looksAt, sizes } from './harness/look.js';

afterAll(closeEngine);

describe('M14: every page of the bank, with dialogs and errors, light and dark, breaks no rule of axe and fits', () => {
  test.each(['phone', 'desktop'] as const)('M14: on a %s', { timeout: 240_000 }, async (size) => {
    const world = await startBankWorld({ movesTime: true, look: { viewport: sizes[size] } });
    const tab = await world.browser.open('/');
    const { see, problems } = looksAt(tab, size);
    await seeTheEntrance(tab, see);
    await signIn(tab, world.bank.user);
    await seeAccounts(tab, see);
    await seeTransfer(world, tab, see);
    await seeProfile(tab, see);
    await seeDevices(world, tab, see);
    await seeTheRest(world, tab, see);
    await seeTrouble(world, tab, see);
    expect(problems).toEqual([]);
    expect(world.browser.complaints).toEqual([]);
  });
});

async function seeTheEntrance(tab: Page, see: Look): Promise<void> {
  await isAt(tab, '/login');
  await tab.waitForSelector(at('fill-in-demo'));
  await see('01-sign-in');
  await tab.click(at('login-submit'));
  await says(tab, 'password-error', /.+/);
  await see('02-sign-in-errors');
  await signIn(tab, { username: 'maria', password: 'not the password' });
  await says(tab, 'login-error', /.+/);
  await see('03-sign-in-refused');
  await tab.click(at('to-sign-up'));
  await tab.waitForSelector(at('sign-up-submit'));
  await see('04-sign-up');
  await tab.click(at('sign-up-submit'));
  await says(tab, 'password-error', /.+/);
  await see('05-sign-up-errors');
  await tab.click(at('to-login'));
  await tab.waitForSelector(at('login-submit'));
}

async function seeAccounts(tab: Page, see: Look): Promise<void> {
  await tab.waitForSelector(at('entry'));
  await says(tab, 'savings-rate', /%/);
  await see('06-accounts');
  await tab.click(`${at('account')} >> nth=0`);
  await tab.waitForSelector(at('chart'));
  await tab.waitForSelector(at('older'));
  await tab.click(at('period-365'));
  await tab.hover(at('chart'));
  await see('07-statement');
  await tab.click(at('chart-table'));
  await see('08-statement-table');
  await tab.fill(at('search'), 'no such entry');
  await tab.waitForSelector(at('no-entries'));
  await see('09-statement-nothing-found');
}

async function seeTransfer({ bank }: BankWorld, tab: Page, see: Look): Promise<void> {
  await visit(tab, 'transfer');
  await tab.waitForSelector(at('from'));
  await see('10-transfer');
  await tab.fill(at('iban'), 'DE89 3704 0044 0532 0130 01');
  await tab.fill(at('amount'), 'much');
  await tab.click(at('transfer-submit'));
  await says(tab, 'iban-error', /.+/);
  await see('11-transfer-errors');
  // The servers' time moves on: the sign-in is no longer recent.
  bank.clock.advance(minutes(6));
  await tab.fill(at('name'), 'Jonas Brandt');
  await tab.fill(at('iban'), 'DE89 3704 0044 0532 0130 00');
  await tab.fill(at('amount'), '12.50');
  await tab.fill(at('purpose'), 'Concert tickets');
  await tab.click(at('transfer-submit'));
  await tab.waitForSelector(at('confirm-submit'));
  await see('12-password-dialog');
  await tab.fill(at('confirm-password'), 'not the password');
  await tab.click(at('confirm-submit'));
  await says(tab, 'confirm-error', /.+/);
  await see('13-password-dialog-refused');
  await tab.fill(at('confirm-password'), bank.user.password);
  await tab.click(at('confirm-submit'));
  await isAt(tab, '/transfer/done');
  await see('14-transfer-sent');
}

async function seeProfile(tab: Page, see: Look): Promise<void> {
  await visit(tab, 'profile');
  await tab.waitForSelector(at('picture-file'), { state: 'attached' });
  await see('15-profile');
  await tab.setInputFiles(at('picture-file'), { name: 'me.txt', mimeType: 'text/plain', buffer: Buffer.from('me') });
  await says(tab, 'picture-error', /.+/);
  await tab.click(at('password-submit'));
  await see('16-profile-errors');
  await tab.setInputFiles(at('picture-file'), {
    name: 'me.png',
    mimeType: 'image/png',
    buffer: noisePicture(300_000),
  });
  await says(tab, 'picture-done', /.+/);
  await tab.waitForSelector(at('avatar-picture'));
  await see('17-profile-with-picture');
}

async function seeDevices(world: BankWorld, tab: Page, see: Look): Promise<void> {
  await onAnotherDevice(world);
  await visit(tab, 'devices');
  await tab.waitForSelector(at('device-end'));
  await see('18-devices');
  await tab.click(at('everywhere'));
  await tab.waitForSelector(at('everywhere-confirm'));
  await see('19-sign-out-everywhere');
  await tab.keyboard.press('Escape');
  await tab.waitForSelector(at('everywhere-confirm'), { state: 'hidden' });
}

async function seeTheRest({ bank }: BankWorld, tab: Page, see: Look): Promise<void> {
  await tab.click(at('nav-why'));
  await tab.waitForSelector(at('event'));
  await see('20-why');
  await tab.goto(`${bank.url}/adviser`);
  await isAt(tab, '/forbidden');
  await see('21-not-for-you');
  await tab.goto(`${bank.url}/no/such/page`);
  await tab.waitForSelector(at('to-accounts'));
  await see('22-no-such-page');
}

async function seeTrouble(world: BankWorld, tab: Page, see: Look): Promise<void> {
  const { bank, browser } = world;
  await visit(tab, 'accounts');
  const held = bank.faults.hold(/ \/api\/accounts/, 'before');
  await tab.reload();
  await tab.waitForSelector('.skeleton');
  await see('23-loading');
  held.release();
  const broken = bank.faults.fail(/ \/api\//, { kind: 'answer', status: 500, body: '{}' });
  await visit(tab, 'transfer');
  await tab.waitForSelector(at('load-again'));
  await see('24-cannot-load');
  broken.lift();
  await browser.context.setOffline(true);
  await says(tab, 'offline-banner', /.+/);
  await see('25-offline');
  await browser.context.setOffline(false);
  await tab.waitForSelector(at('offline-banner'), { state: 'hidden' });
  await tab.click('h1');
  await world.advance(minutes(14));
  await tab.waitForSelector(at('inactivity-stay'));
  await see('26-are-you-still-there');
  await tab.click(at('inactivity-leave'));
  await isAt(tab, '/login');
  await signIn(tab, bank.adviser);
  await tab.click(at('nav-adviser'));
  await says(tab, 'adviser-deposits', /.+/);
  await see('27-adviser');
  await tab.click(at('sign-out'));
  await isAt(tab, '/login');
  await see('28-signed-out');
}
