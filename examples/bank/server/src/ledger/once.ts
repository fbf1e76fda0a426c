import type { BankDatabase } from './database.js';
import type { Entry, TransferOrder } from './ledger-types.js';

/** A transfer's name: whose it is, and the key that its sender gave it. Another person's key is another name. */
export interface TransferName {
  readonly owner: string;
  readonly key: string;
}

/** A transfer that has been made: what was ordered, and the sender's entry. */
export interface MadeTransfer {
  readonly order: string;
  readonly entry: Entry;
}

/** Remembers transfers by name, so that one whose answer was lost can be asked for again. */
export interface Once {
  find(name: TransferName): MadeTransfer | undefined;
  /** Gives the entry back. Call it in the transaction that books it: both are there, or neither. */
  keep(made: TransferName & MadeTransfer): Entry;
}

/** Puts an order into the form that is kept and compared. */
export const formOf = ({ from, name, iban, amount, purpose }: TransferOrder): string =>
  JSON.stringify([from, name, iban, amount, purpose]);

/** Makes what remembers transfers. */
export function onceIn(database: BankDatabase): Once {
  const find = database.prepare<[TransferName], Entry & { ordered: string }>(
    `SELECT ordered, CAST(id AS TEXT) AS id, date, text, counterparty, amount, balance
     FROM transfers JOIN entries ON entries.id = entry WHERE owner = @owner AND key = @key`,
  );
  const insert = database.prepare<[TransferName & { ordered: string; entry: string }]>(
    'INSERT INTO transfers (owner, key, ordered, entry) VALUES (@owner, @key, @ordered, @entry)',
  );
  return {
    find(name) {
      const row = find.get(name);
      if (!row) return undefined;
      const { ordered, ...entry } = row;
      return { order: ordered, entry };
    },
    keep({ owner, key, order, entry }) {
      insert.run({ owner, key, ordered: order, entry: entry.id });
      return entry;
    },
  };
}
