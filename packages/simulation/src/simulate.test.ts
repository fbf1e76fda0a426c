import { describe, expect, it } from 'vitest';
import { strictRotation } from './refreshing/mutants.js';
import { refreshing } from './refreshing/model.js';
import { walkScopes } from './scopes.js';
import { walk } from './simulate.js';

const crowd = walkScopes[0]!;

describe('a walk', () => {
  it('takes the same way with the same seed, and another with another', () => {
    const [first, again, other] = [7, 7, 8].map((seed) => walk(refreshing(crowd), { seed, steps: 100 }).events);
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  it('ends where a property breaks, and says which', () => {
    const broken = Array.from({ length: 20 }, (_, seed) =>
      walk(refreshing(crowd, strictRotation), { seed, steps: 500 }),
    ).find((one) => one.broken !== undefined);
    expect(broken?.broken).toMatch(/no spurious sign-out/);
    expect(broken?.events.length).toBeLessThan(500);
  });

  it.each(walkScopes.map((scope) => [scope.name, scope] as const))('holds every invariant: %s', (_, scope) => {
    for (let seed = 1; seed <= 3; seed += 1) {
      expect(walk(refreshing(scope), { seed, steps: 200 })).toMatchObject({ seed, broken: undefined });
    }
  });
});
