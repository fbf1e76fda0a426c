import { expect, test } from 'vitest';
import { writeCsv } from './statement-csv.js';

const entry = {
  id: '1',
  date: '2026-11-20',
  text: 'Dinner',
  counterparty: 'The Heron',
  amount: -1250,
  balance: 99_905,
};

/** The rows without the head and without the mark at the beginning. */
const rows = (...entries: (typeof entry)[]): string[] => writeCsv(entries).split('\r\n').slice(1, -1);

test('a statement is CSV with a head, CRLF after every row, and a mark that says UTF-8', () => {
  expect(writeCsv([entry])).toBe(
    '\uFEFFDate,Name,Text,Amount,Balance,Currency\r\n2026-11-20,"The Heron","Dinner",-12.50,999.05,EUR\r\n',
  );
});

test('amounts are exact to the cent', () => {
  const amounts = [5, -5, 0, 100, -123_456_789].map((amount) => rows({ ...entry, amount })[0]!.split(',')[3]);
  expect(amounts).toEqual(['0.05', '-0.05', '0.00', '1.00', '-1234567.89']);
});

test('quotes, commas and line ends stay within their cell', () => {
  expect(rows({ ...entry, text: 'a "b", c' })).toEqual(['2026-11-20,"The Heron","a ""b"", c",-12.50,999.05,EUR']);
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', ' =1', '\r=1', '＝1'])(
  'no spreadsheet runs %j as a formula',
  (text) => {
    expect(writeCsv([{ ...entry, text }])).toContain(`"'${text}"`);
    expect(writeCsv([{ ...entry, counterparty: text }])).toContain(`"'${text}"`);
  },
);
