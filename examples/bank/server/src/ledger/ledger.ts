import { type BankDatabase, openDatabase } from './database.js';
import type { Day } from './days.js';
import { openingIn, type Opening } from './opening.js';
import { statementsIn, type Statements } from './statements.js';
import { transfersIn, type Transfer } from './transfers.js';

/** The bank's books. */
export interface Ledger extends Statements, Pick<Opening, 'welcome'> {
  readonly transfer: Transfer;
  close(): void;
}

/** Opens the books in a file, with the bank's first customers where it is new. */
export function openLedger(path: string, today: Day): Ledger {
  const database: BankDatabase = openDatabase(path);
  const opening = openingIn(database);
  opening.settle(today);
  return {
    ...statementsIn(database),
    transfer: transfersIn(database),
    welcome: (owner, day) => opening.welcome(owner, day),
    close: () => database.close(),
  };
}
