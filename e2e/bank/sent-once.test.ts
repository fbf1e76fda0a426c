import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { minutes } from '../harness/lengths-of-time.js';
import { isAt } from '../harness/pages.js';
import { type BankWorld, at, openSignedIn, says, sendMoney, startBankWorld, visit } from './harness/bank-world.js';

afterAll(closeEngine);

const transfers = /^POST \/api\/transfers/;

/** Loses answers until the person has been told: Chromium itself repeats a request whose kept connection died. */
async function sendAndLose({ bank }: BankWorld, send: () => Promise<void>, tab: Page): Promise<void> {
  const lost = bank.faults.fail(transfers, { kind: 'drop-response' });
  await send();
  await says(tab, 'transfer-error', /it moves once/);
  expect(lost.hits).toBeGreaterThan(0);
  lost.lift();
}

/** How many bookings of an amount the statement has. */
async function bookings(tab: Page, amount: string): Promise<number> {
  await tab.click(at('to-statement'));
  await tab.waitForSelector(at('entry'));
  return tab.locator(at('entry'), { hasText: amount }).count();
}

const keysOf = ({ bank }: BankWorld): Set<string | undefined> =>
  new Set(bank.faults.passed.filter(({ path }) => path === '/api/transfers').map((one) => one.idempotencyKey));

describe('a transfer whose answer is lost', () => {
  test('is booked once, however often the person presses', async () => {
    const world = await startBankWorld();
    const tab = await openSignedIn(world, '/transfer');
    await sendAndLose(world, () => sendMoney(tab, '12.34'), tab);
    await sendAndLose(world, () => tab.click(at('transfer-submit')), tab);
    await tab.click(at('transfer-submit'));
    await isAt(tab, '/transfer/done');
    await says(tab, 'sent-amount', '€12.34');
    expect(keysOf(world).size).toBe(1);
    expect(await bookings(tab, '12.34')).toBe(1);
    expect(world.browser.complaints).toEqual([]);
  });

  test('is booked once also where the password was asked for in between', async () => {
    const world = await startBankWorld({ movesTime: true });
    const tab = await openSignedIn(world, '/transfer');
    await world.advance(minutes(6));
    await sendMoney(tab, '12.34');
    await tab.fill(at('confirm-password'), world.bank.user.password);
    await sendAndLose(world, () => tab.click(at('confirm-submit')), tab);
    await tab.click(at('transfer-submit'));
    await isAt(tab, '/transfer/done');
    expect(keysOf(world).size).toBe(1);
    expect(await bookings(tab, '12.34')).toBe(1);
  });

  test('is another one when it is changed, and so is the next one', async () => {
    const world = await startBankWorld();
    const tab = await openSignedIn(world, '/transfer');
    await sendAndLose(world, () => sendMoney(tab, '12.34'), tab);
    await tab.fill(at('amount'), '43.21');
    await tab.click(at('transfer-submit'));
    await isAt(tab, '/transfer/done');
    await visit(tab, 'transfer');
    await sendMoney(tab, '43.21');
    await isAt(tab, '/transfer/done');
    expect(keysOf(world).size).toBe(3);
    expect(await bookings(tab, '43.21')).toBe(2);
  });
});
