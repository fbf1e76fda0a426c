import type { Entry } from '../ledger/ledger-types.js';

const head = ['Date', 'Name', 'Text', 'Amount', 'Balance', 'Currency'];

/** Without this mark at the beginning, spreadsheets take UTF-8 for something older. */
const byteOrderMark = '\uFEFF';

/** Writes a statement as CSV, as spreadsheets and RFC 4180 have it. */
export function writeCsv(entries: readonly Entry[]): string {
  const rows = entries.map(({ date, counterparty, text, amount, balance }) => [
    date,
    cell(counterparty),
    cell(text),
    decimal(amount),
    decimal(balance),
    'EUR',
  ]);
  return byteOrderMark + [head, ...rows].map((row) => `${row.join(',')}\r\n`).join('');
}

/**
 * Quotes a text that somebody else may have chosen. What a spreadsheet would run as a formula gets an apostrophe before
 * it: a transfer's purpose must not become a program on the receiver's machine.
 */
function cell(text: string): string {
  const harmless = /^\s*[=+\-@\t\r＝＋－＠]/u.test(text) ? `'${text}` : text;
  return `"${harmless.replaceAll('"', '""')}"`;
}

/** Cents as euros with a point: the digits themselves, as no division is exact. */
function decimal(cents: number): string {
  const digits = String(Math.abs(cents)).padStart(3, '0');
  return `${cents < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}
