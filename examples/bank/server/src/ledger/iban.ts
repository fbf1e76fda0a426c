import { composeIBAN, isValidIBAN } from 'ibantools';

/** Country and bank of our own accounts: an Irish form, with a bank's code that no bank has. */
const ours = /^IE\d\dLARK/;

/** Our one sort code, as Irish account numbers have it. */
const sortCode = '990417';

/** Makes the IBAN of an account of this bank, check digits included, from a number below 100 million. */
export function composeOwnIban(accountNumber: number): string {
  const bban = `LARK${sortCode}${String(accountNumber).padStart(8, '0')}`;
  const iban = composeIBAN({ countryCode: 'IE', bban });
  if (iban === null) throw new Error(`No IBAN can be made of account number ${accountNumber}.`);
  return iban;
}

/** Tells whether an IBAN names an account of this bank. */
export const isOwnIban = (iban: string): boolean => ours.test(iban);

/** Tells whether length, form and check digits are right; capitals, no spaces. */
export const isRightIban = (iban: string): boolean => isValidIBAN(iban);
