import { describe, expect, test } from 'vitest';
import { addDays } from './days.js';
import { inventHistory } from './history.js';

const today = '2026-11-27';
const seeds = ['maria', 'jonas', 'ada', 'grace', 'noor', 'wei'];

describe('an invented history', () => {
  test('is always the same for a person, and another one for another', () => {
    expect(inventHistory('maria', today)).toEqual(inventHistory('maria', today));
    expect(inventHistory('maria', today)).not.toEqual(inventHistory('jonas', today));
  });

  test('covers two years in order, and nothing lies in the future', () => {
    const dates = inventHistory('maria', today).map(({ date }) => date);
    expect(dates).toEqual([...dates].sort());
    expect(dates[0]).toBe(addDays(today, -729));
    expect(dates.at(-1)! <= today).toBe(true);
    expect(dates.at(-1)! >= addDays(today, -4)).toBe(true);
  });

  test.each(seeds)('of %s overdraws neither everyday account nor savings, and settles the card each month', (seed) => {
    const balances = { everyday: 0, savings: 0, card: 0 };
    for (const { date, account, text, amount } of inventHistory(seed, today)) {
      expect(Number.isSafeInteger(amount) && amount !== 0, `${date} ${text}`).toBe(true);
      balances[account] += amount;
      expect(balances.everyday, date).toBeGreaterThanOrEqual(0);
      expect(balances.savings, date).toBeGreaterThanOrEqual(0);
      if (account === 'card' && text === 'Card statement') expect(balances.card, date).toBe(0);
    }
    expect(balances.savings).toBeGreaterThan(balances.everyday);
  });

  test('brings what months bring: 24 salaries and rents, each on its day', () => {
    const entries = inventHistory('maria', today);
    const salaries = entries.filter(({ text }) => text.startsWith('Salary'));
    expect(salaries).toHaveLength(24);
    // The last working day: 31 January 2026 is a Saturday, 31 May 2026 a Sunday.
    const days = salaries.map(({ date }) => date);
    expect(days).toContain('2026-01-30');
    expect(days).toContain('2026-05-29');
    expect(days).toContain('2026-09-30');
    expect(entries.filter(({ text }) => text.startsWith('Rent ')).every(({ date }) => date.endsWith('-01'))).toBe(true);
  });

  test('moves money between accounts of one person on both sides', () => {
    const moved = inventHistory('maria', today).filter(({ text }) => text.startsWith('Standing order'));
    expect(moved.length).toBeGreaterThanOrEqual(48);
    expect(moved.reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
  });
});
