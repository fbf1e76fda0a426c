import { type AccountRow, type BankDatabase, fold } from './database.js';
import { addDays, daysUntil, type Day } from './days.js';
import { accountNames } from './history.js';
import {
  type Account,
  type BalancePoint,
  type BankFigures,
  type EntriesPage,
  type Entry,
  kinds,
} from './ledger-types.js';

/** Which part of a statement; pages count from 1. */
export interface StatementQuery {
  readonly page: number;
  readonly size: number;
  readonly search: string;
}

/** Reads what has been booked. */
export interface Statements {
  accountsOf(owner: string): Account[];
  /** The account of that id if it is this person's. */
  find(owner: string, id: string): Account | undefined;
  /** A page that lies behind the last is the last. */
  page(account: string, query: StatementQuery): EntriesPage;
  /** All entries, newest first. */
  all(account: string): Entry[];
  /** The balance at the end of each of so many days, today's last. */
  balances(account: string, period: { readonly days: number; readonly today: Day }): BalancePoint[];
  figures(): BankFigures;
}

const entryColumns = 'CAST(id AS TEXT) AS id, date, text, counterparty, amount, balance';
/** Everything contains nothing, so that no search finds all. */
const isFound = 'account = @account AND instr(words, @words) > 0';
const balanceOfAccount =
  'coalesce((SELECT balance FROM entries WHERE account = accounts.id ORDER BY id DESC LIMIT 1), 0)';

type Found = { account: string; words: string };

/** Makes what reads statements. */
export function statementsIn(database: BankDatabase): Statements {
  const accounts = database.prepare<[string], AccountRow & { balance: number }>(
    `SELECT id, owner, kind, iban, ${balanceOfAccount} AS balance FROM accounts WHERE owner = ?`,
  );
  const count = database.prepare<[Found], { total: number }>(`SELECT count(*) AS total FROM entries WHERE ${isFound}`);
  const part = database.prepare<[Found & { size: number; from: number }], Entry>(
    `SELECT ${entryColumns} FROM entries WHERE ${isFound} ORDER BY entries.id DESC LIMIT @size OFFSET @from`,
  );
  const all = database.prepare<[string], Entry>(
    `SELECT ${entryColumns} FROM entries WHERE account = ? ORDER BY entries.id DESC`,
  );
  const figures = database.prepare<[], BankFigures>(
    `SELECT count(DISTINCT owner) AS customers, count(*) AS accounts, coalesce(sum(max(balance, 0)), 0) AS deposits
     FROM (SELECT owner, ${balanceOfAccount} AS balance FROM accounts)`,
  );

  const accountsOf = (owner: string): Account[] =>
    accounts
      .all(owner)
      .sort((a, b) => kinds.indexOf(a.kind) - kinds.indexOf(b.kind))
      .map(({ id, kind, iban, balance }) => ({ id, name: accountNames[kind], iban, currency: 'EUR', balance }));
  return {
    accountsOf,
    find: (owner, id) => accountsOf(owner).find((account) => account.id === id),
    page(account, { page, size, search }) {
      const found = { account, words: fold(search) };
      const total = count.get(found)?.total ?? 0;
      const pages = Math.ceil(total / size);
      const shown = Math.min(page, Math.max(pages, 1));
      return { entries: part.all({ ...found, size, from: (shown - 1) * size }), page: shown, pages, total };
    },
    all: (account) => all.all(account),
    balances: balancesIn(database),
    figures: () => figures.get() ?? { customers: 0, accounts: 0, deposits: 0 },
  };
}

function balancesIn(database: BankDatabase): Statements['balances'] {
  const before = database.prepare<[string, Day], { balance: number }>(
    'SELECT balance FROM entries WHERE account = ? AND date < ? ORDER BY id DESC LIMIT 1',
  );
  const within = database.prepare<[string, Day], BalancePoint>(
    'SELECT date, balance FROM entries WHERE account = ? AND date >= ? ORDER BY id',
  );
  return (account, { days, today }) => {
    const first = addDays(today, 1 - days);
    // Of several entries of a day the last one counts.
    const atEnd = new Map(within.all(account, first).map(({ date, balance }) => [date, balance]));
    let balance = before.get(account, first)?.balance ?? 0;
    return daysUntil(today, days).map((date) => ({ date, balance: (balance = atEnd.get(date) ?? balance) }));
  };
}
