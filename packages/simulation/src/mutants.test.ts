import { describe, expect, it } from 'vitest';
import { explore } from './explore.js';
import { mutants } from './mutants.js';

/** Every mutant is found within a few ten thousand states; more would be a property that looks the other way. */
const atMost = 100_000;

describe('with one rule changed, an invariant breaks', { timeout: 120_000 }, () => {
  it.each(mutants.map((mutant) => [mutant.name, mutant] as const))('%s', (_, { model }) => {
    expect(explore(model(), atMost).counterexample).toBeDefined();
  });

  it('all of the protocol’s list are here, and more than eight of ours', () => {
    const count = (from: string) => mutants.filter((mutant) => mutant.from === from).length;
    expect([count('protocol'), count('ours') >= 8]).toEqual([12, true]);
  });
});
