import * as v from 'valibot';
import type { TransferOrder } from '../ledger/ledger-types.js';
import { largestTransfer } from '../ledger/transfers.js';
import { Refusal } from './refusal.js';

/** One line of text: no control character gets into a statement. */
const line = (longest: number, tooLong: string) =>
  v.pipe(
    v.string(),
    v.trim(),
    v.regex(/^[^\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]*$/u, 'There is a character in here that we cannot print.'),
    v.check((text) => Array.from(text).length <= longest, tooLong),
  );

const order = v.object({
  from: v.pipe(v.string(), v.nonEmpty('Please choose the account that the money comes from.')),
  name: v.pipe(line(70, 'Please use 70 letters at most for the name.'), v.nonEmpty('Please enter who gets the money.')),
  iban: v.pipe(
    v.string(),
    v.transform((typed) => typed.replace(/\s/g, '').toUpperCase()),
    v.nonEmpty('Please enter the IBAN.'),
    v.maxLength(34, 'This is not an IBAN: it is too long.'),
  ),
  amount: v.pipe(
    v.number(),
    v.safeInteger('Please enter an amount in whole cents.'),
    v.minValue(1, 'Please enter an amount of one cent or more.'),
    v.maxValue(largestTransfer, 'You can send up to €50,000.00 at once.'),
  ),
  purpose: v.optional(line(140, 'Please use 140 letters at most for the purpose.'), ''),
});

/** What is said when a member is missing or of another type, which no form of ours sends. */
const unreadable = 'The order cannot be read. It needs from, name, iban and amount (whole cents); purpose is optional.';

/** Reads what a person wants to send. @throws Refusal 422 naming the field that is wrong */
export function readTransferOrder(body: unknown): TransferOrder {
  const read = v.safeParse(order, body);
  if (read.success) return read.output;
  const [{ message, type, path }] = read.issues;
  const key = path?.[0]?.key;
  const description = type === 'string' || type === 'number' || type === 'object' ? unreadable : message;
  throw new Refusal([422, 'invalid_order'], description, typeof key === 'string' ? { field: key } : {});
}
