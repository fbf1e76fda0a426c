import { randomUUID } from 'node:crypto';
import { isValidIBAN } from 'ibantools';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addDays } from './days.js';
import { type Ledger, openLedger } from './ledger.js';

const today = '2026-11-27';
const maria = { id: 'u-maria', name: 'Maria Keller' };

function open(): Ledger {
  const ledger = openLedger(':memory:', today);
  onTestFinished(() => ledger.close());
  ledger.welcome(maria.id, today);
  return ledger;
}

const everydayOf = (ledger: Ledger) => ledger.accountsOf(maria.id)[0]!;

/** Books a transfer whose text can be looked for. */
function pay(ledger: Ledger, more: { name?: string; purpose?: string }): void {
  const order = {
    from: everydayOf(ledger).id,
    iban: 'DE89370400440532013000',
    amount: 1,
    name: 'X',
    purpose: '',
    ...more,
  };
  ledger.transfer(maria, order, { today, authorise: () => undefined, key: randomUUID() });
}

describe('accounts', () => {
  test('are opened once, three a person, with IBANs whose check digits are right', () => {
    const ledger = open();
    const accounts = ledger.accountsOf(maria.id);
    expect(accounts.map(({ name }) => name)).toEqual(['Everyday account', 'Savings account', 'Credit card']);
    for (const { iban } of accounts) expect(isValidIBAN(iban), iban).toBe(true);
    ledger.welcome(maria.id, addDays(today, 1));
    expect(ledger.accountsOf(maria.id)).toEqual(accounts);
  });

  test('are found by their owner alone', () => {
    const ledger = open();
    ledger.welcome('u-other', today);
    const { id } = everydayOf(ledger);
    expect(ledger.find(maria.id, id)?.id).toBe(id);
    expect(ledger.find('u-other', id)).toBeUndefined();
  });

  test('of all customers are what the bank counts, debts apart', () => {
    const ledger = open();
    const before = ledger.figures();
    ledger.welcome('u-other', today);
    const after = ledger.figures();
    const positive = ledger.accountsOf('u-other').reduce((sum, { balance }) => sum + Math.max(0, balance), 0);
    expect(after.customers).toBe(before.customers + 1);
    expect(after.accounts).toBe(before.accounts + 3);
    expect(after.deposits).toBe(before.deposits + positive);
  });
});

describe('entries', () => {
  test('say the balance that all before them add up to, and the last one says the account’s', () => {
    const ledger = open();
    for (const { id, balance } of ledger.accountsOf(maria.id)) {
      let sum = 0;
      for (const entry of ledger.all(id).reverse()) expect(entry.balance, entry.id).toBe((sum += entry.amount));
      expect(sum).toBe(balance);
    }
  });

  test('come in pages, newest first, each once', () => {
    const ledger = open();
    const { id } = everydayOf(ledger);
    const all = ledger.all(id);
    const { pages, total } = ledger.page(id, { page: 1, size: 50, search: '' });
    expect(total).toBe(all.length);
    const paged = Array.from({ length: pages }, (_, index) =>
      ledger.page(id, { page: index + 1, size: 50, search: '' }),
    );
    expect(paged.flatMap(({ entries }) => entries)).toEqual(all);
    expect(all.map(({ date }) => date)).toEqual(
      all
        .map(({ date }) => date)
        .sort()
        .reverse(),
    );
  });

  test('behind the last page are the last page’s', () => {
    const ledger = open();
    const { id } = everydayOf(ledger);
    const last = ledger.page(id, { page: 9999, size: 50, search: '' });
    expect(last.page).toBe(last.pages);
    expect(last.entries.length).toBeGreaterThan(0);
    expect(ledger.page(id, { page: 3, size: 50, search: 'no such thing' })).toEqual({
      ...{ entries: [], page: 1, pages: 0, total: 0 },
    });
  });

  test.each([
    ['café lumen', { name: 'CAFE LUMEN' }],
    ['GROSS', { purpose: 'für Großmutter, gross' }],
    ['ELEVE', { purpose: 'L’Élève' }],
    ['100 %', { purpose: 'Back 100 % of it' }],
    ['a_b', { name: 'a_b' }],
  ])('are found by %j, whatever the case and the accents', (search, booked) => {
    const ledger = open();
    const { id } = everydayOf(ledger);
    const before = ledger.page(id, { page: 1, size: 10, search }).total;
    pay(ledger, booked);
    expect(ledger.page(id, { page: 1, size: 10, search }).total).toBe(before + 1);
  });

  test('are not found by wildcards, nor by a text that begins in the name and ends in the purpose', () => {
    const ledger = open();
    const { id } = everydayOf(ledger);
    pay(ledger, { name: 'Ann', purpose: 'Bell' });
    for (const search of ['%', '_', 'A%n', 'annbell', 'nb']) {
      const found = ledger.page(id, { page: 1, size: 10, search }).entries;
      expect(
        found.filter(({ counterparty }) => counterparty === 'Ann'),
        search,
      ).toEqual([]);
    }
  });
});

describe('balances', () => {
  test.each([2, 3, 4, 5, 30, 365])(
    'of %i days are one a day until today, and hold until something is booked',
    (days) => {
      const ledger = open();
      const { id, balance } = everydayOf(ledger);
      const points = ledger.balances(id, { days, today });
      expect(points).toHaveLength(days);
      expect(points[0]!.date).toBe(addDays(today, 1 - days));
      expect(points.at(-1)).toEqual({ date: today, balance });
      const entries = ledger.all(id);
      for (const point of points) {
        expect(point.balance, point.date).toBe(entries.find(({ date }) => date <= point.date)?.balance);
      }
    },
  );
});
