import { createHash } from 'node:crypto';
import { type BankDatabase, bookingIn } from './database.js';
import { addDays, type Day } from './days.js';
import { type Draws, drawsOf } from './draws.js';
import { inventHistory, type PastEntry } from './history.js';
import { composeOwnIban } from './iban.js';
import { type Kind, kinds } from './ledger-types.js';

/** How many customers the bank has before anybody signs up: somebody to be a bank for. */
const residents = 128;

/** Opens accounts. */
export interface Opening {
  /** Opens a customer's accounts, with two years of entries, in one transaction; nothing where they are open. */
  welcome(owner: string, today: Day): void;
  /** Gives an empty bank its first customers. */
  settle(today: Day): void;
}

/** Makes what opens accounts. */
export function openingIn(database: BankDatabase): Opening {
  const book = bookingIn(database);
  const isKnown = database.prepare<[string], object>('SELECT 1 FROM accounts WHERE owner = ?');
  const isTaken = database.prepare<[string], object>('SELECT 1 FROM accounts WHERE iban = ?');
  const hasAny = database.prepare<[], object>('SELECT 1 FROM accounts LIMIT 1');
  const insert = database.prepare<[object]>(
    'INSERT INTO accounts (id, owner, kind, iban) VALUES (@id, @owner, @kind, @iban)',
  );

  function freeIban(draws: Draws, kind: Kind): string {
    for (let attempt = 0; ; attempt++) {
      const iban = composeOwnIban(Math.floor(draws.fraction(`number of ${kind}, ${attempt}`) * 1e8));
      if (!isTaken.get(iban)) return iban;
    }
  }

  function open(owner: string, past: readonly PastEntry[]): void {
    const draws = drawsOf(owner);
    for (const kind of kinds.filter((one) => past.some(({ account }) => account === one))) {
      insert.run({ id: idOf(owner, kind), owner, kind, iban: freeIban(draws, kind) });
    }
    for (const { account, ...booking } of past) book(idOf(owner, account), booking);
  }

  const welcome = database.transaction((owner: string, today: Day) => {
    if (!isKnown.get(owner)) open(owner, inventHistory(owner, today));
  });
  const settle = database.transaction((today: Day) => {
    if (hasAny.get()) return;
    for (let count = 1; count <= residents; count++) open(`resident ${count}`, residentsPast(count, today));
  });
  return {
    welcome(owner, today) {
      // Nearly always so, and a write would wait for its turn.
      if (!isKnown.get(owner)) welcome.immediate(owner, today);
    },
    settle: (today) => settle.immediate(today),
  };
}

/** Says which account it is to whoever reads an address, and nothing else. */
function idOf(owner: string, kind: Kind): string {
  return `${kind}-${createHash('sha256').update(`${owner}\n${kind}`).digest('hex').slice(0, 10)}`;
}

function residentsPast(count: number, today: Day): PastEntry[] {
  const draws = drawsOf(`resident ${count}`);
  const entry = (account: Kind, range: readonly [number, number]): PastEntry => ({
    account,
    date: addDays(today, -Math.floor(draws.fraction(`came, ${account}`) * 700)),
    counterparty: 'Previous bank',
    text: 'Transfer of balance',
    amount: draws.cents(account, range),
  });
  const everyday = entry('everyday', [40_000, 620_000]);
  return draws.happens('saves', 0.7) ? [everyday, entry('savings', [150_000, 3_400_000])] : [everyday];
}
