import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { days, minutes } from '../harness/lengths-of-time.js';
import { isAt } from '../harness/pages.js';
import { until, untilTimeBrings } from '../harness/until.js';
import { at, onAnotherDevice, openSignedIn, refreshes, says, startBankWorld, visit } from './harness/bank-world.js';

afterAll(closeEngine);

describe('M1: the bank', () => {
  test('M1: opened again it refreshes token and profile, once for eight tabs, and waits for neither', async () => {
    const world = await startBankWorld({ movesTime: true });
    const { bank, browser } = world;
    const first = await openSignedIn(world);
    await first.close();
    await (await onAnotherDevice(world)).rename('Maria Keller-Lang');
    await world.advance(minutes(1));
    const before = bank.faults.count(refreshes);

    const held = bank.faults.hold(refreshes, 'before');
    const tabs = await Promise.all(Array.from({ length: 8 }, () => browser.open()));
    for (const tab of tabs) {
      await says(tab, 'user-name', 'Maria Keller');
      await says(tab, 'total', /€/);
    }
    held.release();
    for (const tab of tabs) await says(tab, 'user-name', 'Maria Keller-Lang');
    expect(bank.faults.count(refreshes) - before).toBe(1);
    expect(browser.complaints).toEqual([]);
  });
});

describe('M2: a failed refresh', () => {
  test('M2: a bank that is down for ten minutes signs nobody out, and is back by itself', async () => {
    const world = await startBankWorld({ movesTime: true });
    const { bank, browser } = world;
    const tab = await openSignedIn(world);
    const down = bank.faults.fail(/ \/(auth|api)\//, { kind: 'answer', status: 503, headers: { 'retry-after': '5' } });
    for (let minute = 0; minute < 10; minute += 1) await world.advance(minutes(1));
    await until(() => down.hits > 0, { what: 'something has failed' });
    await visit(tab, 'devices');
    await says(tab, 'load-error', 'Our server has too much to do at the moment. Please try again in a little while.');
    await says(tab, 'user-name', bank.user.displayName);
    await tab.reload();
    await says(tab, 'user-name', bank.user.displayName);

    down.lift();
    await untilTimeBrings(world, async () => (await tab.locator(at('device')).count()) > 0, {
      what: 'the devices are shown, without a press of a button',
      withinSeconds: 120,
    });
    expect(browser.complaints).toEqual([]);
  });

  test('M2: a person without a network stays, is told so, and goes on with the network', async () => {
    const world = await startBankWorld({ movesTime: true });
    const tab = await openSignedIn(world);
    await world.browser.context.setOffline(true);
    await says(tab, 'offline-banner', /You stay signed in/);
    await world.advance(minutes(9));
    await says(tab, 'user-name', world.bank.user.displayName);
    await says(tab, 'token-left', 'expired');
    await world.browser.context.setOffline(false);
    await says(tab, 'token-left', /^\d:\d\d$/);
    await visit(tab, 'devices');
    await tab.waitForSelector(at('this-device'));
  });

  test('M2: a session that was ended elsewhere ends in every tab, once, with the reason and the way back', async () => {
    const world = await startBankWorld({ movesTime: true });
    const tabs = [await openSignedIn(world), await world.browser.open('/profile')] as const;
    await (await onAnotherDevice(world)).signOutEverywhere();
    const before = world.bank.faults.count(refreshes);
    await world.advance(minutes(5));
    await isAt(tabs[0], '/login');
    await isAt(tabs[1], '/login?returnTo=%2Fprofile');
    for (const tab of tabs) await says(tab, 'why-here', /^Your session has ended/);
    expect(world.bank.faults.count(refreshes) - before).toBe(1);
    expect(world.browser.complaints).toEqual([]);
  });
});

test('M3: after 29 days the person is still signed in, 31 days after that no longer', async () => {
  const world = await startBankWorld({ preset: 'everyday', movesTime: true, keepsProfile: true });
  await openSignedIn(world);
  await world.browser.close();

  await world.advance(days(29));
  const second = await world.openBrowser();
  const back = await second.open();
  await says(back, 'user-name', world.bank.user.displayName);
  await says(back, 'total', /€/);
  await second.close();

  await world.advance(days(31));
  const late = await (await world.openBrowser()).open('/profile');
  await isAt(late, '/login?returnTo=%2Fprofile');
});

test('M4: with five-minute tokens half an hour of clicking sees no 401 and one refresh every four minutes', async () => {
  const world = await startBankWorld({ movesTime: true });
  const { faults } = world.bank;
  const tab = await openSignedIn(world);
  const before = faults.count(refreshes);
  for (let round = 0; round < 30; round += 1) {
    await visit(tab, round % 2 ? 'accounts' : 'devices');
    await tab.waitForSelector(at(round % 2 ? 'account' : 'device'));
    await world.advance(minutes(1));
  }
  expect(faults.passed.filter(({ end }) => end?.status === 401)).toEqual([]);
  expect(faults.count(refreshes) - before).toBeGreaterThanOrEqual(6);
  expect(faults.count(refreshes) - before).toBeLessThanOrEqual(8);
});

test('M5: names of all scripts are read from token and answer, and the footer counts the token down', async () => {
  const world = await startBankWorld({ movesTime: true });
  const tab = await world.browser.open('/sign-up');
  await tab.fill(at('display-name'), 'Zoë Ωmega 日本 🔑');
  await tab.fill(at('username'), 'zoë');
  await tab.fill(at('password'), 'seven-green-lanterns');
  await tab.click(at('sign-up-submit'));
  await isAt(tab, '/');
  await says(tab, 'user-name', 'Zoë Ωmega 日本 🔑');
  const seconds = async (): Promise<number> => {
    const [minute = 0, second = 0] = (await tab.innerText(at('token-left'))).split(':').map(Number);
    return minute * 60 + second;
  };
  const first = await seconds();
  expect(first).toBeGreaterThan(290);
  expect(first).toBeLessThanOrEqual(300);
  await world.advance(minutes(2));
  await until(async () => (await seconds()) <= first - 119, { what: 'two minutes less are left' });
});

describe('M8: all tabs', () => {
  test('M8: sign-in, a new name and sign-out in one tab show in the others at once', async () => {
    const world = await startBankWorld();
    const other = await world.browser.open('/profile');
    await isAt(other, '/login?returnTo=%2Fprofile');
    const tab = await openSignedIn(world);
    await isAt(other, '/profile');
    await tab.click(at('nav-profile'));
    await tab.fill(at('display-name'), 'Maria K.');
    await tab.click(at('name-submit'));
    await says(tab, 'name-saved', /^Saved/);
    await says(other, 'user-name', 'Maria K.');
    await other.click(at('sign-out'));
    await isAt(tab, '/login');
    await says(tab, 'why-here', 'You signed out in another tab, so this one is signed out, too.');
    await says(other, 'why-here', 'You are signed out. See you soon!');
    expect(world.browser.complaints).toEqual([]);
  });

  test('M8: closing the browser signs nobody out; without “keep me signed in” it does', async () => {
    const world = await startBankWorld({ keepsProfile: true });
    const tab = await openSignedIn(world);
    await world.browser.close();
    const second = await world.openBrowser();
    const back = await second.open();
    await says(back, 'user-name', world.bank.user.displayName);
    await back.click(at('sign-out'));
    await isAt(back, '/login');
    await back.uncheck(at('remember'));
    await back.fill(at('username'), world.bank.user.username);
    await back.fill(at('password'), world.bank.user.password);
    await back.click(at('login-submit'));
    await says(back, 'user-name', world.bank.user.displayName);
    await back.reload();
    await says(back, 'user-name', world.bank.user.displayName);
    await second.close();
    const third = await (await world.openBrowser()).open();
    await isAt(third, '/login');
    expect(tab.isClosed()).toBe(true);
  });
});
