import { dayOfMonth, weekday, type Day } from './days.js';
import type { Draws } from './draws.js';
import type { Kind } from './ledger-types.js';

/** Money that comes or goes: cents with a sign, as the account sees it. */
export interface Movement {
  readonly account: Kind;
  readonly counterparty: string;
  readonly text: string;
  readonly amount: number;
}

/** What one person does with money on a day, before what follows from the balances. */
export type Habit = (day: Day) => Movement[];

const month = new Intl.DateTimeFormat('en-IE', { month: 'long', year: 'numeric', timeZone: 'UTC' });
const monthOf = (day: Day): string => month.format(new Date(day));

/** Where people spend, on what, and between which two amounts. */
interface Treat {
  readonly account: Kind;
  readonly text: string;
  readonly places: readonly [string, ...string[]];
  readonly cents: readonly [least: number, most: number];
  /** How likely it is on a day. */
  readonly chance: (day: Day) => number;
}

const isWeekend = (day: Day): boolean => [0, 6].includes(weekday(day));
const always = (chance: number) => (): number => chance;

/** What comes by chance. A positive amount is money that comes in. */
const treats: readonly Treat[] = [
  {
    ...{ account: 'everyday', text: 'Groceries', cents: [-7840, -1890] },
    places: ['Fennel & Rye', 'Hollis Market', 'Greenmarket Hall'],
    chance: (day) => ({ 6: 0.9, 3: 0.45 })[weekday(day)] ?? 0.12,
  },
  {
    ...{ account: 'everyday', text: 'Bread and coffee', cents: [-1280, -340] },
    places: ['Café Lumen', 'Third Bell Coffee', 'Bakehouse Nine'],
    chance: (day) => (isWeekend(day) ? 0.34 : 0.26),
  },
  {
    ...{ account: 'card', text: 'Dinner', cents: [-7420, -1660] },
    places: ['Osteria Salvia', 'Blue Lantern Noodles', 'The Heron'],
    chance: (day) => (isWeekend(day) || weekday(day) === 5 ? 0.27 : 0.06),
  },
  {
    ...{ account: 'card', text: 'Clothes', cents: [-13_900, -2490] },
    places: ['Wren & Daughters', 'Fieldhouse Outdoor'],
    chance: always(0.028),
  },
  {
    ...{ account: 'card', text: 'Books and household', cents: [-7480, -990] },
    places: ['Paper Lane Books', 'Kettle & Loom'],
    chance: always(0.04),
  },
  {
    ...{ account: 'card', text: 'Refund for returned goods', cents: [1990, 6900] },
    places: ['Wren & Daughters', 'Kettle & Loom'],
    chance: always(0.008),
  },
  {
    ...{ account: 'everyday', text: 'Day return', cents: [-4860, -1450] },
    places: ['Northline Rail'],
    chance: (day) => (isWeekend(day) ? 0.14 : 0.03),
  },
  {
    ...{ account: 'everyday', text: 'Pharmacy', cents: [-3240, -490] },
    places: ['Linden Pharmacy'],
    chance: always(0.03),
  },
  {
    ...{ account: 'everyday', text: 'Thank you for the tickets!', cents: [1200, 5400] },
    places: ['Aoife Brennan', 'Tom Okafor', 'Lena Sommer', 'Daniel Reyes'],
    chance: always(0.02),
  },
  {
    ...{ account: 'everyday', text: 'Tax refund', cents: [18_000, 64_000] },
    places: ['Revenue Office'],
    chance: (day) => (day.endsWith('-06-17') ? 1 : 0),
  },
];

const employers = ['Alder & Finch Studio', 'Meridian Instruments', 'Quayside Clinic', 'Tallow Hill School'] as const;

/** What a person is paid and pays each month. */
export function monthlyHabit(draws: Draws): Habit {
  const employer = draws.pick('employer', employers);
  const fixed = {
    salary: draws.cents('salary', [286_000, 334_000]),
    rent: -Math.round(draws.cents('rent', [98_000, 116_000]) / 500) * 500,
    insurance: -draws.cents('insurance', [4_800, 7_200]),
    phone: -draws.pick('phone', [2999, 3499, 3999]),
    rail: -draws.pick('rail', [6900, 8200, 9400]),
    gym: -draws.pick('gym', [2490, 3290, 3990]),
  };
  const onDay: Readonly<Record<number, (day: Day) => Movement>> = {
    1: (day) => everyday('Oakfield Homes', `Rent ${monthOf(day)}`, fixed.rent),
    3: () => card('Marathon & Mat', 'Membership', fixed.gym),
    5: (day) => everyday('Brightwater Energy', `Electricity ${monthOf(day)}`, energy(draws, day)),
    9: () => card('Quillstream', 'Music subscription', -1099),
    12: () => everyday('Harbour Mutual', 'Home and liability insurance', fixed.insurance),
    14: () => everyday('Northline Rail', 'Monthly pass', fixed.rail),
    18: () => everyday('Signalpost', 'Phone and internet', fixed.phone),
    21: () => card('Cloudcellar', 'Storage, 200 GB', -299),
  };
  return (day) => {
    const paid = isPayday(day) ? [everyday(employer, `Salary ${monthOf(day)}`, fixed.salary)] : [];
    const due = onDay[dayOfMonth(day)];
    return due ? [...paid, due(day)] : paid;
  };
}

/** What a person spends, and now and then gets, as the days come. */
export function dailyHabit(draws: Draws): Habit {
  return (day) =>
    treats
      .filter(({ text, chance }) => draws.happens(`${text}? ${day}`, chance(day)))
      .map(({ account, text, places, cents }) => ({
        account,
        counterparty: draws.pick(`where: ${text} ${day}`, places),
        text,
        amount: draws.cents(`${text} ${day}`, cents),
      }));
}

/** The last working day of a month. */
function isPayday(day: Day): boolean {
  const date = new Date(day);
  const last = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0));
  const back = { 0: 2, 6: 1 }[last.getUTCDay()] ?? 0;
  return date.getUTCDate() === last.getUTCDate() - back;
}

/** Winter costs more. */
function energy(draws: Draws, day: Day): number {
  const isWinter = ['11', '12', '01', '02', '03'].includes(day.slice(5, 7));
  return -draws.cents(`energy ${day}`, isWinter ? [8900, 12_800] : [4700, 7600]);
}

const everyday = (counterparty: string, text: string, amount: number): Movement => ({
  ...{ account: 'everyday', counterparty, text, amount },
});
const card = (counterparty: string, text: string, amount: number): Movement => ({
  ...{ account: 'card', counterparty, text, amount },
});
