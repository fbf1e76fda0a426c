import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import type { Day } from './days.js';
import type { Entry, Kind } from './ledger-types.js';

/** The bank's database: one connection to one file. */
export type BankDatabase = Database.Database;

/** An account as the database has it. */
export interface AccountRow {
  readonly id: string;
  readonly owner: string;
  readonly kind: Kind;
  readonly iban: string;
}

/** What is booked on an account. */
export interface Booking {
  readonly date: Day;
  readonly text: string;
  readonly counterparty: string;
  readonly amount: number;
}

/**
 * Entries count up in the order of booking, which is the order of their days; `words` is what a search looks in. The key
 * of a transfer stays for as long as its booking does: a person may press again tomorrow.
 */
const schema = `
CREATE TABLE IF NOT EXISTS accounts (
  id TEXT NOT NULL PRIMARY KEY,
  owner TEXT NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('everyday', 'savings', 'card')),
  iban TEXT NOT NULL UNIQUE,
  UNIQUE (owner, kind)
) STRICT;
CREATE TABLE IF NOT EXISTS entries (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  account TEXT NOT NULL REFERENCES accounts (id),
  date TEXT NOT NULL,
  text TEXT NOT NULL,
  counterparty TEXT NOT NULL,
  words TEXT NOT NULL,
  amount INTEGER NOT NULL CHECK (amount <> 0),
  balance INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS entries_in_order ON entries (account, id);
CREATE INDEX IF NOT EXISTS entries_by_day ON entries (account, date, id);
CREATE TABLE IF NOT EXISTS transfers (
  owner TEXT NOT NULL,
  key TEXT NOT NULL,
  ordered TEXT NOT NULL,
  entry INTEGER NOT NULL REFERENCES entries (id),
  PRIMARY KEY (owner, key)
) STRICT, WITHOUT ROWID;
`;

/** Opens the file, readable by nobody else, and makes it where it is missing; `:memory:` ends with the process. */
export function openDatabase(path: string): BankDatabase {
  // SQLite gives the files beside it the same mode.
  if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('foreign_keys = ON');
  database.exec(schema);
  return database;
}

/** Brings a text into the form that is compared: without accents, in small letters. */
export const fold = (text: string): string => text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();

/** Makes what books an entry; call it within a transaction, as it reads the balance first. */
export function bookingIn(database: BankDatabase): (account: string, booking: Booking) => Entry {
  const last = database.prepare<[string], { date: Day; balance: number }>(
    'SELECT date, balance FROM entries WHERE account = ? ORDER BY id DESC LIMIT 1',
  );
  const insert = database.prepare<[object]>(
    `INSERT INTO entries (account, date, text, counterparty, words, amount, balance)
     VALUES (@account, @date, @text, @counterparty, @words, @amount, @balance)`,
  );
  return (account, { text, counterparty, amount, ...booking }) => {
    const before = last.get(account) ?? { date: '', balance: 0 };
    // No day lies before the one that stands above it, even if the clock was set back meanwhile.
    const date = booking.date > before.date ? booking.date : before.date;
    const balance = before.balance + amount;
    const words = fold(`${counterparty}\n${text}`);
    const { lastInsertRowid } = insert.run({ account, date, text, counterparty, words, amount, balance });
    return { id: String(lastInsertRowid), date, text, counterparty, amount, balance };
  };
}
