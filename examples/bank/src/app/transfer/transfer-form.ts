import { type AbstractControl, FormControl, FormGroup, type ValidationErrors } from '@angular/forms';
import { isValidIBAN } from 'ibantools';
import { filledIn } from '../ui/forms.js';

/** The controls of the transfer form; everything is text until it is sent. */
export type TransferForm = FormGroup<Record<'from' | 'name' | 'iban' | 'amount' | 'purpose', FormControl<string>>>;

/** Makes an empty transfer form. */
export const transferForm = (): TransferForm => {
  const text = (...validators: ((control: AbstractControl<string>) => ValidationErrors | null)[]) =>
    new FormControl('', { nonNullable: true, validators });
  return new FormGroup({
    from: text(filledIn),
    name: text(filledIn),
    iban: text(filledIn, validIban),
    amount: text(filledIn, validAmount),
    purpose: text(),
  });
};

/** An IBAN as the API takes it: capitals without spaces. */
export const plainIban = (typed: string): string => typed.replace(/\s/g, '').toUpperCase();

/** Reads an amount as people write it, in cents: `12`, `12.5`, `1,234.50`, `1.234,50`; `undefined` for anything else. */
export function readAmount(typed: string): number | undefined {
  const text = typed.replace(/[\s€]/g, '');
  const [, whole = '', cents = ''] =
    /^(\d+|\d{1,3}(?:,\d{3})+|\d{1,3}(?:\.\d{3})+)(?:[.,](\d{1,2}))?$/.exec(text) ?? [];
  if (!whole) return undefined;
  return Number(whole.replace(/[.,]/g, '')) * 100 + Number(cents.padEnd(2, '0'));
}

function validIban({ value }: AbstractControl<string>): ValidationErrors | null {
  return !value.trim() || isValidIBAN(plainIban(value)) ? null : { iban: true };
}

function validAmount({ value }: AbstractControl<string>): ValidationErrors | null {
  return !value.trim() || (readAmount(value) ?? 0) > 0 ? null : { amount: true };
}
