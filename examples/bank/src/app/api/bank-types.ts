/** An account; amounts are whole cents. */
export interface Account {
  readonly id: string;
  readonly name: string;
  readonly iban: string;
  readonly currency: 'EUR';
  readonly balance: number;
}

/** A booking: `amount` in signed cents, `balance` after it, `date` as `2026-11-20`. */
export interface Entry {
  readonly id: string;
  readonly date: string;
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

/** The balance at the end of a day, in cents. */
export interface BalancePoint {
  readonly date: string;
  readonly balance: number;
}

/** What a transfer asks for; `amount` in cents. */
export interface TransferOrder {
  readonly from: string;
  readonly name: string;
  readonly iban: string;
  readonly amount: number;
  readonly purpose: string;
}

/** A place where the person is signed in; times in seconds since 1970. */
export interface Device {
  readonly id: string;
  readonly current: boolean;
  readonly created_at: number;
  readonly refreshed_at: number;
  readonly user_agent: string;
  readonly ip: string;
}

/** What an adviser sees of the whole bank; `deposits` in cents. */
export interface BankFigures {
  readonly customers: number;
  readonly accounts: number;
  readonly deposits: number;
}

/** What savings earn a year, in hundredths of a percent. */
export interface Rates {
  readonly savings: number;
}

/** How the API says no. */
export interface Refusal {
  readonly error?: string;
  readonly error_description?: string;
  readonly field?: string;
}
