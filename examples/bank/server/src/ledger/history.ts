import { addDays, dayOfMonth, daysUntil, type Day } from './days.js';
import { drawsOf } from './draws.js';
import { dailyHabit, monthlyHabit, type Movement } from './habits.js';
import type { Kind } from './ledger-types.js';

/** A movement on its day. */
export interface PastEntry extends Movement {
  readonly date: Day;
}

/** What savings earn a year, in hundredths of a percent. */
export const savingsRate = 210;

const historyDays = 730;
/** What stays on the everyday account when the month's salary has come; more is saved. */
const enough = 290_000;

/**
 * Invents two years that end today, oldest first: always the same ones for the same seed. Nothing lies in the future,
 * and no account but the card's is ever overdrawn.
 */
export function inventHistory(seed: string, today: Day): PastEntry[] {
  const draws = drawsOf(seed);
  const habits = [monthlyHabit(draws), dailyHabit(draws)];
  const balances: Record<Kind, number> = { everyday: 0, savings: 0, card: 0 };
  const entries: PastEntry[] = [];
  const book = (date: Day, movements: readonly Movement[]): void => {
    for (const movement of movements) {
      balances[movement.account] += movement.amount;
      entries.push({ date, ...movement });
    }
  };
  const days = daysUntil(today, historyDays);
  book(days[0] ?? today, [
    opening('everyday', draws.cents('everyday before', [180_000, 260_000])),
    opening('savings', draws.cents('savings before', [320_000, 900_000])),
  ]);
  for (const day of days) {
    for (const habit of habits) book(day, habit(day));
    for (const follow of [settleCard, save, addInterest]) book(day, follow(day, balances));
  }
  return entries;
}

type Balances = Readonly<Record<Kind, number>>;

const opening = (account: Kind, amount: number): Movement => ({
  ...{ account, counterparty: 'Previous bank', text: 'Transfer of balance', amount },
});

/** One amount that leaves one account and comes to another of the same person. */
const move = (from: Kind, to: Kind, { amount, text }: { amount: number; text: string }): Movement[] => [
  { account: from, counterparty: accountNames[to], text, amount: -amount },
  { account: to, counterparty: accountNames[from], text, amount },
];

/** What people call the kinds of account. */
export const accountNames: Readonly<Record<Kind, string>> = {
  everyday: 'Everyday account',
  savings: 'Savings account',
  card: 'Credit card',
};

function settleCard(day: Day, { card }: Balances): Movement[] {
  return dayOfMonth(day) === 25 && card < 0 ? move('everyday', 'card', { amount: -card, text: 'Card statement' }) : [];
}

function save(day: Day, { everyday }: Balances): Movement[] {
  if (dayOfMonth(day) !== 2) return [];
  const standing = move('everyday', 'savings', { amount: 25_000, text: 'Standing order: rainy days' });
  const spare = Math.floor((everyday - 25_000 - enough) / 5_000) * 5_000;
  return spare < 10_000 ? standing : [...standing, ...move('everyday', 'savings', { amount: spare, text: 'Saved' })];
}

/** Credited at the end of each quarter. */
function addInterest(day: Day, { savings }: Balances): Movement[] {
  if (!/^(01|04|07|10)-01$/.test(addDays(day, 1).slice(5))) return [];
  const amount = Math.round((savings * savingsRate) / 10_000 / 4);
  return [{ account: 'savings', counterparty: 'Larkfield Bank', text: 'Interest', amount }];
}
