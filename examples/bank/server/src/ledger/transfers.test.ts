import { randomUUID } from 'node:crypto';
import { describe, expect, onTestFinished, test } from 'vitest';
import { addDays } from './days.js';
import { composeOwnIban } from './iban.js';
import type { TransferOrder } from './ledger-types.js';
import { type Ledger, openLedger } from './ledger.js';
import { TransferRefused, type TransferTerms } from './transfers.js';

const today = '2026-11-27';
const maria = { id: 'u-maria', name: 'Maria Keller' };
const jonas = { id: 'u-jonas', name: 'Jonas Brandt' };

/** The terms of a transfer of its own. */
const newTerms = (change: Partial<Omit<TransferTerms, 'key'>> = {}): TransferTerms => ({
  ...{ today, authorise: () => undefined, key: randomUUID() },
  ...change,
});

function open() {
  const ledger = openLedger(':memory:', today);
  onTestFinished(() => ledger.close());
  for (const { id } of [maria, jonas]) ledger.welcome(id, today);
  const [everyday, savings, card] = ledger.accountsOf(maria.id);
  const order: TransferOrder = {
    ...{ from: everyday!.id, name: 'Lena Sommer', iban: 'DE89370400440532013000', amount: 1250, purpose: 'Tickets' },
  };
  return { ledger, everyday: everyday!, savings: savings!, card: card!, order };
}

const balanceOf = (ledger: Ledger, owner: string, id: string) => ledger.find(owner, id)!.balance;

/** The field that a transfer is refused for. */
function refusal(ledger: Ledger, order: TransferOrder): string {
  try {
    ledger.transfer(maria, order, newTerms());
  } catch (error) {
    if (error instanceof TransferRefused) return error.field ?? 'none of them';
    throw error;
  }
  return 'none';
}

describe('a transfer', () => {
  test('to another bank is booked where it comes from', () => {
    const { ledger, everyday, order } = open();
    const before = ledger.figures().deposits;
    const entry = ledger.transfer(maria, order, newTerms());
    expect(entry).toMatchObject({
      ...{ date: today, text: 'Tickets', counterparty: 'Lena Sommer', amount: -1250, balance: everyday.balance - 1250 },
    });
    expect(ledger.page(everyday.id, { page: 1, size: 1, search: '' }).entries).toEqual([entry]);
    expect(ledger.figures().deposits).toBe(before - 1250);
  });

  test('to an account of one’s own is booked on both', () => {
    const { ledger, everyday, savings, order } = open();
    ledger.transfer(maria, { ...order, iban: savings.iban, purpose: '' }, newTerms());
    expect(balanceOf(ledger, maria.id, everyday.id)).toBe(everyday.balance - 1250);
    expect(balanceOf(ledger, maria.id, savings.id)).toBe(savings.balance + 1250);
    expect(ledger.all(savings.id)[0]).toMatchObject({ counterparty: 'Maria Keller', text: 'Transfer', amount: 1250 });
  });

  test('to another customer arrives, and says from whom', () => {
    const { ledger, order } = open();
    const theirs = ledger.accountsOf(jonas.id)[0]!;
    ledger.transfer(maria, { ...order, iban: theirs.iban }, newTerms());
    expect(balanceOf(ledger, jonas.id, theirs.id)).toBe(theirs.balance + 1250);
    expect(ledger.all(theirs.id)[0]).toMatchObject({ counterparty: 'Maria Keller', text: 'Tickets', amount: 1250 });
  });

  test('of the last cent is made, of one more it is not', () => {
    const { ledger, everyday, order } = open();
    expect(refusal(ledger, { ...order, amount: everyday.balance + 1 })).toBe('amount');
    expect(refusal(ledger, { ...order, amount: everyday.balance })).toBe('none');
    expect(balanceOf(ledger, maria.id, everyday.id)).toBe(0);
  });

  test('is refused, naming the field, and books nothing', () => {
    const { ledger, everyday, card, order } = open();
    const before = ledger.figures();
    expect(refusal(ledger, { ...order, from: 'everyday-0000000000' })).toBe('from');
    expect(refusal(ledger, { ...order, from: ledger.accountsOf(jonas.id)[0]!.id })).toBe('from');
    expect(refusal(ledger, { ...order, from: card.id, amount: 1 })).toBe('from');
    expect(refusal(ledger, { ...order, iban: 'DE89370400440532013001' })).toBe('iban');
    expect(refusal(ledger, { ...order, iban: everyday.iban })).toBe('iban');
    const unused = [1, 2, 3].map(composeOwnIban).find((iban) => iban !== everyday.iban)!;
    expect(refusal(ledger, { ...order, iban: unused })).toBe('iban');
    expect(ledger.figures()).toEqual(before);
  });

  test('is not made at all when it is not authorised, or when one side cannot be booked', () => {
    const { ledger, everyday, savings, order } = open();
    const toSavings = { ...order, iban: savings.iban };
    const authorise = () => {
      throw new Error('not now');
    };
    expect(() => ledger.transfer(maria, toSavings, newTerms({ authorise }))).toThrow('not now');
    // The receiving side is booked first; a name that no statement can hold fails at the sender's.
    const broken = { ...toSavings, name: null as unknown as string };
    expect(() => ledger.transfer(maria, broken, newTerms())).toThrow();
    expect(balanceOf(ledger, maria.id, savings.id)).toBe(savings.balance);
    expect(balanceOf(ledger, maria.id, everyday.id)).toBe(everyday.balance);
  });

  test('asks for authorisation only when nothing else speaks against it', () => {
    const { ledger, order } = open();
    let asked = 0;
    const authorise = () => {
      asked += 1;
    };
    expect(() => ledger.transfer(maria, { ...order, iban: 'nonsense' }, newTerms({ authorise }))).toThrow(
      TransferRefused,
    );
    expect(asked).toBe(0);
    ledger.transfer(maria, order, newTerms({ authorise }));
    expect(asked).toBe(1);
  });

  describe('that is asked for again under its key', () => {
    test('is not made again: it answers the entry of then, on both sides, whatever has happened since', () => {
      const { ledger, everyday, savings, order } = open();
      const toSavings = { ...order, iban: savings.iban, amount: everyday.balance };
      const terms = newTerms();
      const entry = ledger.transfer(maria, toSavings, terms);
      // The account is empty by now, the password was typed too long ago, and it is another day.
      const authorise = () => {
        throw new Error('not now');
      };
      const later = { ...terms, authorise, today: addDays(today, 3) };
      expect(ledger.transfer(maria, toSavings, later)).toEqual(entry);
      expect(balanceOf(ledger, maria.id, everyday.id)).toBe(0);
      expect(balanceOf(ledger, maria.id, savings.id)).toBe(savings.balance + everyday.balance);
    });

    test.each([{ amount: 1251 }, { name: 'Lena' }, { iban: 'GB82WEST12345698765432' }, { purpose: '' }])(
      'with something else in it (%j) is refused, and books nothing',
      (change) => {
        const { ledger, order } = open();
        const terms = newTerms();
        ledger.transfer(maria, order, terms);
        const before = ledger.figures();
        expect(() => ledger.transfer(maria, { ...order, ...change }, terms)).toThrow(/^Another transfer was sent/);
        expect(ledger.figures()).toEqual(before);
      },
    );

    test('is another one when another person asks, or under another key', () => {
      const { ledger, everyday, order } = open();
      const terms = newTerms();
      ledger.transfer(maria, order, terms);
      const theirs = ledger.accountsOf(jonas.id)[0]!;
      ledger.transfer(jonas, { ...order, from: theirs.id }, terms);
      ledger.transfer(maria, order, newTerms());
      expect(balanceOf(ledger, jonas.id, theirs.id)).toBe(theirs.balance - 1250);
      expect(balanceOf(ledger, maria.id, everyday.id)).toBe(everyday.balance - 2500);
    });

    test('is made when it was refused at first: only what is booked has a key', () => {
      const { ledger, everyday, order } = open();
      const terms = newTerms();
      expect(() => ledger.transfer(maria, { ...order, amount: everyday.balance + 1 }, terms)).toThrow(TransferRefused);
      expect(ledger.transfer(maria, order, terms).amount).toBe(-1250);
    });
  });

  test('never stands before what was booked earlier, even if the clock was set back meanwhile', () => {
    const { ledger, order } = open();
    const tomorrow = addDays(today, 1);
    expect(ledger.transfer(maria, order, newTerms({ today: tomorrow })).date).toBe(tomorrow);
    expect(ledger.transfer(maria, order, newTerms()).date).toBe(tomorrow);
  });
});
