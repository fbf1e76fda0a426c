import { type AccountRow, type BankDatabase, bookingIn } from './database.js';
import type { Day } from './days.js';
import { isOwnIban, isRightIban } from './iban.js';
import type { Customer, Entry, TransferOrder } from './ledger-types.js';
import { formOf, onceIn } from './once.js';

/** Most that one transfer moves, in cents. */
export const largestTransfer = 5_000_000;

/** A transfer that is not made; the message is for the person. */
export class TransferRefused extends Error {
  /** What of the order it is about; nothing where it is about the whole. */
  readonly field: keyof TransferOrder | undefined;

  constructor(field: keyof TransferOrder | undefined, message: string) {
    super(message);
    this.name = 'TransferRefused';
    this.field = field;
  }
}

/** What a transfer is made with. */
export interface TransferTerms {
  readonly today: Day;
  /** Of the sender's choice: the same order under the same key is the same transfer, which is made once. */
  readonly key: string;
  /** Called when nothing speaks against the transfer, before anything is booked; what it throws ends it. */
  readonly authorise: () => void;
}

/** Sends money; gives the entry of the sender, and for a transfer that has been made already the entry of then. */
export type Transfer = (sender: Customer, order: TransferOrder, terms: TransferTerms) => Entry;

const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });

/** Finds the two sides of an order; the receiver's is `undefined` at another bank. */
type Check = (sender: Customer, order: TransferOrder) => { from: AccountRow; to: AccountRow | undefined };

/** Makes what sees whether an order can be carried out. @throws TransferRefused when it cannot */
function checkIn(database: BankDatabase): Check {
  const findOwn = database.prepare<[string, string], AccountRow>('SELECT * FROM accounts WHERE id = ? AND owner = ?');
  const findByIban = database.prepare<[string], AccountRow>('SELECT * FROM accounts WHERE iban = ?');
  const balanceOf = database.prepare<[string], { balance: number }>(
    'SELECT balance FROM entries WHERE account = ? ORDER BY id DESC LIMIT 1',
  );

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

  return (sender, order) => {
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
  };
}

/**
 * Makes what sends money. It is all or nothing, in one transaction: where the receiving account is one of ours, of
 * whoever, both sides are booked. @throws TransferRefused when the order cannot be carried out
 */
export function transfersIn(database: BankDatabase): Transfer {
  const [check, book, once] = [checkIn(database), bookingIn(database), onceIn(database)];

  function make(sender: Customer, order: TransferOrder, { today, authorise }: TransferTerms): Entry {
    const { from, to } = check(sender, order);
    authorise();
    const booking = { date: today, text: order.purpose || 'Transfer' };
    if (to) book(to.id, { ...booking, counterparty: sender.name, amount: order.amount });
    return book(from.id, { ...booking, counterparty: order.name, amount: -order.amount });
  }

  const send = database.transaction<Transfer>((sender, order, terms) => {
    const name = { owner: sender.id, key: terms.key };
    const before = once.find(name);
    if (!before) return once.keep({ ...name, order: formOf(order), entry: make(sender, order, terms) });
    // Nothing moves, so that neither the balance of now nor the password matters.
    if (before.order === formOf(order)) return before.entry;
    throw new TransferRefused(
      undefined,
      'Another transfer was sent from this form already. Look at your statement, and then fill in this one anew.',
    );
  });
  return (...order) => send.immediate(...order);
}
