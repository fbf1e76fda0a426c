import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { minutes } from '../harness/lengths-of-time.js';
import { isAt } from '../harness/pages.js';
import { until } from '../harness/until.js';
import {
  type BankWorld,
  at,
  openSignedIn,
  says,
  sendMoney,
  signIn,
  startBankWorld,
  visit,
} from './harness/bank-world.js';

afterAll(closeEngine);

describe('a transfer that was sent is shown to nobody else', () => {
  test('who signs in after a sign-out does not find it by the button Back', async () => {
    const world = await startBankWorld();
    const tab = await openSignedIn(world, '/transfer');
    await sendMoney(tab, '12.50');
    await isAt(tab, '/transfer/done');
    await tab.click(at('sign-out'));
    await isAt(tab, '/login');
    await signIn(tab, world.bank.adviser);
    await says(tab, 'user-name', world.bank.adviser.displayName);
    await tab.goBack();
    await isAt(tab, '/transfer');
    expect(await tab.locator(at('sent-amount')).count()).toBe(0);
  });

  test('who signs in where somebody was signed out for doing nothing does not find it either', async () => {
    const world = await startBankWorld({ movesTime: true });
    const tab = await openSignedIn(world, '/transfer');
    await sendMoney(tab, '12.50');
    await isAt(tab, '/transfer/done');
    await world.advance(minutes(16));
    await isAt(tab, '/login?returnTo=%2Ftransfer%2Fdone');
    await signIn(tab, world.bank.adviser);
    await isAt(tab, '/transfer');
    await tab.waitForSelector(at('from'));
  });
});

/** Stops all that a tab does, as a browser does with one in the background; gives what wakes it. */
async function fallAsleep(tab: Page): Promise<() => Promise<void>> {
  const debuggerOf = await tab.context().newCDPSession(tab);
  const asleep = new Promise((resolve) => debuggerOf.once('Debugger.paused', resolve));
  await debuggerOf.send('Debugger.enable');
  await debuggerOf.send('Debugger.pause');
  await asleep;
  return async () => {
    await debuggerOf.send('Debugger.disable');
    await debuggerOf.detach();
  };
}

/** In another tab one person signs out and the next one in, while these sleep: all that they ever see is the next one. */
async function changePersonWhileAsleep({ browser, bank }: BankWorld, tabs: readonly Page[]): Promise<void> {
  const wakers = await Promise.all(tabs.map(fallAsleep));
  const other = await browser.open();
  await other.click(at('sign-out'));
  await isAt(other, '/login');
  await signIn(other, bank.adviser);
  await says(other, 'user-name', bank.adviser.displayName);
  for (const wake of wakers) await wake();
}

const goneFrom = (tab: Page, testid: string): Promise<void> =>
  until(async () => (await tab.locator(at(testid)).count()) === 0, { what: `no ${testid} is left` });

describe('a tab that slept while one person signed out and another in', () => {
  test('shows nothing of the one before, even if nothing of the other can be loaded', async () => {
    const world = await startBankWorld();
    const devices = await openSignedIn(world, '/devices');
    await devices.waitForSelector(at('device'));
    const statement = await world.browser.open();
    await statement.click(`${at('account')} >> nth=0`);
    await statement.waitForSelector(at('chart'));
    await statement.waitForSelector(at('entry'));
    const done = await world.browser.open('/transfer');
    await done.waitForSelector(at('from'));
    await sendMoney(done, '12.50');
    await isAt(done, '/transfer/done');
    const tabs = [devices, statement, done];

    world.bank.faults.fail(/ \/(auth\/sessions|api\/)/, { kind: 'answer', status: 503, body: '{}' });
    await changePersonWhileAsleep(world, tabs);
    for (const tab of tabs) {
      await says(tab, 'user-name', world.bank.adviser.displayName);
      await isAt(tab, '/');
      await says(tab, 'load-error', /.+/);
      for (const testid of ['device', 'entry', 'chart', 'sent-amount', 'account', 'total']) await goneFrom(tab, testid);
    }
  });

  test('has nothing filled in and no question open, but for the other one’s own name', async () => {
    const world = await startBankWorld();
    const profile = await openSignedIn(world, '/profile');
    await profile.fill(at('display-name'), 'Maria the Great');
    await profile.fill(at('current-password'), world.bank.user.password);
    const transfer = await world.browser.open('/transfer');
    await transfer.fill(at('name'), 'Lena Sommer');
    const everywhere = await world.browser.open('/devices');
    await everywhere.click(at('everywhere'));
    await everywhere.waitForSelector(at('everywhere-confirm'));
    await changePersonWhileAsleep(world, [profile, transfer, everywhere]);
    for (const tab of [profile, transfer, everywhere]) {
      await says(tab, 'user-name', world.bank.adviser.displayName);
      await isAt(tab, '/');
      expect(await tab.locator('dialog[open]').count()).toBe(0);
    }
    await visit(profile, 'profile');
    expect(await profile.inputValue(at('display-name'))).toBe(world.bank.adviser.displayName);
    expect(await profile.inputValue(at('current-password'))).toBe('');
    await visit(transfer, 'transfer');
    expect(await transfer.inputValue(at('name'))).toBe('');
  });
});

test('what somebody has looked for is in no address: neither in the history nor in the way back', async () => {
  const world = await startBankWorld({ movesTime: true });
  const tab = await openSignedIn(world);
  await tab.click(`${at('account')} >> nth=0`);
  await tab.click(at('older'));
  await says(tab, 'page-of', /page 2 of/);
  await tab.fill(at('search'), 'no such entry');
  await tab.waitForSelector(at('no-entries'));
  expect(new URL(tab.url()).search).toBe('');
  await world.advance(minutes(16));
  await tab.waitForSelector(at('login-submit'));
  expect(tab.url()).not.toContain('such');
  await signIn(tab, world.bank.adviser);
  await says(tab, 'user-name', world.bank.adviser.displayName);
  await tab.waitForSelector(at('no-account'));
  expect(await tab.innerText('body')).not.toContain('no such entry');
});

test('a sign-out without a network takes everything off the page', async () => {
  const world = await startBankWorld();
  await (await openSignedIn(world)).close();
  const tab = await world.browser.context.newPage();
  // As if this browser had never seen the sign-in page.
  await (await world.browser.context.newCDPSession(tab)).send('Network.clearBrowserCache');
  await tab.goto(`${world.bank.url}/devices`);
  await tab.waitForSelector(at('device'));
  await tab.waitForLoadState('networkidle');
  await world.browser.context.setOffline(true);
  await tab.click(at('sign-out'));
  await isAt(tab, '/login');
  await goneFrom(tab, 'device');
});
