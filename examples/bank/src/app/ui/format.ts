import { Pipe, type PipeTransform } from '@angular/core';

/** One locale for all: the bank speaks English and counts in euros. */
const locale = 'en-IE';

const euros = new Intl.NumberFormat(locale, { style: 'currency', currency: 'EUR' });
const signedEuros = new Intl.NumberFormat(locale, { style: 'currency', currency: 'EUR', signDisplay: 'exceptZero' });
const wholeEuros = new Intl.NumberFormat(locale, { style: 'currency', currency: 'EUR', maximumFractionDigits: 0 });
const rates = new Intl.NumberFormat(locale, { style: 'percent', minimumFractionDigits: 2 });
const counts = new Intl.NumberFormat(locale);
// A booking's day is a day of the calendar, the same wherever the reader is.
const days = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
const shortDays = new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'short', timeZone: 'UTC' });
const moments = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' });

/** Formats cents as euros: 123450 as `€1,234.50`. */
export const formatMoney = (cents: number): string => euros.format(cents / 100);

/** Formats cents as euros without cents, for the axis of a chart. */
export const formatWholeMoney = (cents: number): string => wholeEuros.format(cents / 100);

/** Formats hundredths of a percent: 210 as `2.10%`. */
export const formatRate = (hundredths: number): string => rates.format(hundredths / 10_000);

/** Formats `2026-11-20` as `20 Nov 2026`. */
export const formatDay = (date: string): string => days.format(new Date(date));

/** Formats `2026-11-20` as `20 Nov`. */
export const formatShortDay = (date: string): string => shortDays.format(new Date(date));

/** Formats milliseconds since 1970 as date and time where the reader is. */
export const formatMoment = (milliseconds: number): string => moments.format(milliseconds);

/** Formats an IBAN in groups of four. */
const formatIban = (iban: string): string => iban.replace(/(.{4})(?=.)/g, '$1 ');

/** Formats a number of bytes: `350 KB`, `2.4 MB`. */
export const formatBytes = (bytes: number): string =>
  bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} KB` : `${(bytes / 1_000_000).toFixed(1)} MB`;

/** Formats seconds as a clock does: 75 as `1:15`. */
export const formatCountdown = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;

/** Shows cents as euros; `'signed'` puts a sign before what came in, too. */
@Pipe({ name: 'money' })
export class MoneyPipe implements PipeTransform {
  transform(cents: number, sign?: 'signed'): string {
    return sign ? signedEuros.format(cents / 100) : formatMoney(cents);
  }
}

/** Shows a day of the calendar. */
@Pipe({ name: 'day' })
export class DayPipe implements PipeTransform {
  transform(date: string): string {
    return formatDay(date);
  }
}

/** Shows seconds since 1970, as the token server counts, as a moment. */
@Pipe({ name: 'moment' })
export class MomentPipe implements PipeTransform {
  transform(seconds: number): string {
    return formatMoment(seconds * 1000);
  }
}

/** Shows an IBAN in groups of four. */
@Pipe({ name: 'iban' })
export class IbanPipe implements PipeTransform {
  transform(iban: string): string {
    return formatIban(iban);
  }
}

/** Shows a whole number with its thousands apart. */
@Pipe({ name: 'count' })
export class CountPipe implements PipeTransform {
  transform(value: number): string {
    return counts.format(value);
  }
}
