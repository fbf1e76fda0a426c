import { describe, expect, it } from 'vitest';
import { accounts } from './accounts.js';
import { type Model, explore } from './explore.js';
import { refreshing } from './refreshing/model.js';
import { shortScopes } from './scopes.js';

/** Counts up to a limit, by one or by two. */
const counting = (limit: number, bad?: number): Model<number> => ({
  initial: 0,
  textOf: String,
  moves: (at) =>
    [1, 2].map((by) => ({ event: `+${by}`, state: Math.min(limit, at + by), sights: [`by ${by}`], broken: undefined })),
  judge: (at) => (at === bad ? 'never there' : undefined),
});

describe('an exploration', () => {
  it('sees every state once and says how far the farthest is', () => {
    const { states, transitions, depth, cut, hits } = explore(counting(10));
    expect({ states, transitions, depth, cut }).toEqual({ states: 11, transitions: 22, depth: 5, cut: 0 });
    expect(hits).toEqual({ 'by 1': 11, 'by 2': 11 });
  });

  it('gives the shortest way to what breaks', () => {
    expect(explore(counting(10, 7)).counterexample).toEqual({
      property: 'never there',
      events: ['+1', '+2', '+2', '+2'],
    });
  });

  it('says how much it has not looked at', () => {
    const { states, cut } = explore(counting(10), 4);
    expect(states).toBe(4);
    expect(cut).toBeGreaterThan(0);
  });
});

/** The rows of edge-cases.md that a scope shows, in whatever order things happen. */
const rows: Readonly<Record<string, string>> = {
  'two tabs': 'E2, E42',
  'tabs freeze': 'E4, E45',
  'sign-out': 'E13',
  'storage rolls back': 'E38',
  failover: 'E39',
  'sign-in': 'E47',
};

describe('the whole state space over the real rules', { timeout: 120_000 }, () => {
  const total: Record<string, number> = {};

  const titled = shortScopes.map(
    (scope) => [[rows[scope.name], scope.name].filter(Boolean).join(': '), scope] as const,
  );
  it.each(titled)('%s: holds every invariant', (_, scope) => {
    const { cut, hits, counterexample } = explore(refreshing(scope));
    expect(counterexample).toBeUndefined();
    expect(cut).toBe(0);
    for (const [sight, times] of Object.entries(hits)) {
      const outcome = sight.replace(/ \(\w+\)$/, '');
      total[outcome] = (total[outcome] ?? 0) + times;
    }
  });

  it('meets every outcome a thousand times', () => {
    const outcomes = ['rotate', 'repeat', 'stale', 'twin', 'behind', 'old', 'reused', 'reused, final', 'ended'];
    for (const outcome of [...outcomes, 'invalid', 'lagging'])
      expect([outcome, total[outcome] ?? 0]).toSatisfy(isOften);
  });

  it('holds every invariant: passwords and sign-out everywhere', () => {
    const { cut, counterexample } = explore(accounts());
    expect(counterexample).toBeUndefined();
    expect(cut).toBe(0);
  });
});

const isOften = ([, times]: [string, number]): boolean => times >= 1000;
