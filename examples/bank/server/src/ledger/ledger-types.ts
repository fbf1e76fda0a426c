import type { Day } from './days.js';

/** The kinds of account that everybody gets, in the order in which they are shown. */
export const kinds = ['everyday', 'savings', 'card'] as const;

/** A kind of account. */
export type Kind = (typeof kinds)[number];

/** An account; amounts are whole cents. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly iban: string;
  readonly currency: 'EUR';
  readonly balance: number;
}

/** A booking: signed cents, and the balance after it. */
export interface Entry {
  readonly id: string;
  readonly date: Day;
  readonly text: string;
  readonly counterparty: string;
  readonly amount: number;
  readonly balance: number;
}

/** One page of a statement, newest first. */
export interface EntriesPage {
  readonly entries: readonly Entry[];
  readonly page: number;
  readonly pages: number;
  readonly total: number;
}

/** The balance at the end of a day. */
export interface BalancePoint {
  readonly date: Day;
  readonly balance: number;
}

/** The whole bank in three figures. */
export interface BankFigures {
  readonly customers: number;
  readonly accounts: number;
  readonly deposits: number;
}

/** Somebody whom the API has verified. */
export interface Customer {
  /** The user's id. */
  readonly id: string;
  /** What others see in their entries. */
  readonly name: string;
}

/** What a transfer asks for, well formed. */
export interface TransferOrder {
  readonly from: string;
  readonly name: string;
  readonly iban: string;
  readonly amount: number;
  readonly purpose: string;
}
