import { type AccountRow, type BankDatabase, bookingIn } from './database.js';
import type { Day } from './days.js';
import { isOwnIban, isRightIban } from './iban.js';
import type { Customer, Entry, TransferOrder } from './ledger-types.js';

/** Most that one transfer moves, in cents. */
export const largestTransfer = 5_000_000;

/** A transfer that is not made; the message is for the person. */
export class TransferRefused extends Error {
  /** What of the order it is about. */
  readonly field: keyof TransferOrder;

  constructor(field: keyof TransferOrder, message: string) {
    super(message);
    this.name = 'TransferRefused';
    this.field = field;
  }
}

/** What a transfer is made with. */
export interface TransferTerms {
  readonly today: Day;
  /** Called when nothing speaks against the transfer, before anything is booked; what it throws ends it. */
  readonly authorise: () => void;
}

/** Sends money; gives the entry of the sender. */
export type Transfer = (sender: Customer, order: TransferOrder, terms: TransferTerms) => Entry;

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });

/**
 * Makes what sends money. It is all or nothing, in one transaction: where the receiving account is one of ours, of
 * whoever, both sides are booked. @throws TransferRefused when the order cannot be carried out
 */
export function transfersIn(database: BankDatabase): Transfer {
  const book = bookingIn(database);
  const findOwn = database.prepare<[string, string], AccountRow>('SELECT * FROM accounts WHERE id = ? AND owner = ?');
  const findByIban = database.prepare<[string], AccountRow>('SELECT * FROM accounts WHERE iban = ?');
  const balanceOf = database.prepare<[string], { balance: number }>(
    'SELECT balance FROM entries WHERE account = ? ORDER BY id DESC LIMIT 1',
  );

  function check(sender: Customer, order: TransferOrder): { from: AccountRow; to: AccountRow | undefined } {
    const from = findOwn.get(order.from, sender.id);
    if (!from) throw new TransferRefused('from', 'Please choose one of your own accounts.');
    if (from.kind === 'card') {
      throw new TransferRefused('from', 'A credit card cannot send money. Please choose another account.');
    }
    const to = receiver(from, order.iban);
    const balance = balanceOf.get(from.id)?.balance ?? 0;
    if (order.amount > balance) {
      const left = euros.format(balance / 100);
      throw new TransferRefused('amount', `There is not enough money on this account: it has ${left}.`);
    }
    return { from, to };
  }

  function receiver(from: AccountRow, iban: string): AccountRow | undefined {
    if (!isRightIban(iban)) {
      throw new TransferRefused('iban', 'This is not an IBAN: a letter or figure is wrong, missing or too many.');
    }
    if (iban === from.iban) {
      throw new TransferRefused('iban', 'The money would come from this very account. Please enter another IBAN.');
    }
    const to = findByIban.get(iban);
    if (!to && isOwnIban(iban)) {
      throw new TransferRefused('iban', 'We have no account with this IBAN. Please check it.');
    }
    return to;
  }

  const send = database.transaction<Transfer>((sender, order, { today, authorise }) => {
    const { from, to } = check(sender, order);
    authorise();
    const booking = { date: today, text: order.purpose || 'Transfer' };
    if (to) book(to.id, { ...booking, counterparty: sender.name, amount: order.amount });
    return book(from.id, { ...booking, counterparty: order.name, amount: -order.amount });
  });
  return (...order) => send.immediate(...order);
}
