import { describe, expect, it } from 'vitest';
import { live } from './lives.js';
import { type LifeMutant, lifeMutants } from './mutants.js';
import { Tally } from './tally.js';
import { figuresOf, problemsOf } from './verdict.js';

/** What `npm test` lives: many for a month, and some for a year. */
const short = [
  { users: 200, days: 30 },
  { users: 20, days: 365 },
];

const seed = 1;

describe('lives', { timeout: 120_000 }, () => {
  const tally = new Tally();
  for (const span of short) tally.add(live({ seed, ...span }));

  it('are lived without a sign-out that has no reason and without a call that fails with nothing in its way', () => {
    expect(tally.breaches).toEqual([]);
    expect(problemsOf(tally)).toEqual([]);
  });

  it('take hardly more refreshes than the least possible, and not fewer', () => {
    const { ratio, sentADay, triesAnHour } = figuresOf(tally);
    expect(ratio).toBeGreaterThan(1);
    expect(ratio).toBeLessThan(1.08);
    expect(sentADay).toBeGreaterThan(5);
    expect(triesAnHour).toBeLessThan(250);
  });

  it('meet every fault, every outcome and every rightful end', () => {
    const names = [
      ...['no network', '503', '429', 'captive portal', 'request lost', 'answer lost', 'answer cut short'],
      ...['answer later than anybody waits', 'request repeated by the browser', 'request repeated minutes later'],
      ...['tab closed in mid-refresh', 'tab frozen in mid-refresh', 'device asleep in mid-refresh'],
    ].map((fault) => `fault: ${fault}`);
    const outcomes = ['rotate', 'repeat', 'stale', 'behind', 'old', 'ended'].map((outcome) => `outcome: ${outcome}`);
    const ends = [
      'signed out by the person',
      'password changed',
      'away for longer than the idle limit',
      'its absolute lifetime was over',
    ].map((end) => `signed out: ${end}`);
    const events = ['clocks set', 'clocks stepped back', 'storage rolled back', 'rotations lost by the database'];
    expect([...names, ...outcomes, ...events].filter((name) => tally.of(name) < 3)).toEqual([]);
    expect(ends.filter((name) => tally.of(name) === 0)).toEqual([]);
  });
});

describe('one life', () => {
  it('is the same whoever else is there, and another with another seed', () => {
    const storyOf = (user: number, of: number): string[] => {
      const lines: string[] = [];
      live({ seed: of, from: user, users: 1, days: 10, tell: (line) => lines.push(line) });
      return lines;
    };
    expect(storyOf(7, seed)).toEqual(storyOf(7, seed));
    expect(storyOf(7, seed)).not.toEqual(storyOf(7, seed + 1));
    const [two, ...each] = [live({ seed, from: 7, users: 2, days: 10 }), ...[7, 8].map(alone)];
    const sum = new Tally();
    for (const one of each) sum.add(one);
    expect(sum.counts).toEqual(two.counts);
  });
});

const alone = (from: number): Tally => live({ seed, from, users: 1, days: 10 });

describe('with one rule changed, lives show it', { timeout: 120_000 }, () => {
  it.each(lifeMutants.map((mutant) => [mutant.name, mutant] as const))('%s', (_, mutant) => {
    expect(firstProblems(mutant)).not.toEqual([]);
  });
});

/** The lives of the short run, ten at a time, as far as the first problem. */
function firstProblems({ rules }: LifeMutant): string[] {
  const tally = new Tally();
  for (const { users, days } of short) {
    for (let from = 1; from <= users; from += 10) {
      tally.add(live({ seed, from, users: 10, days, rules }));
      const problems = problemsOf(tally);
      if (problems.length > 0) return problems;
    }
  }
  return [];
}
