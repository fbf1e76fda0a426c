import type { EpochSeconds } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import { createRefreshLimiter } from './refresh-limiter.js';

const now = 1_800_000_000 as EpochSeconds;

describe('the refresh limiter', () => {
  it('counts each session by itself', () => {
    const limiter = createRefreshLimiter({ atMost: 1, perSeconds: 10 });
    expect(['a', 'b', 'a', 'b'].map((id) => limiter.count(id, now))).toEqual([0, 0, 10, 10]);
  });

  it('tells how long one would have to wait, and counts nothing for that', () => {
    const limiter = createRefreshLimiter({ atMost: 1, perSeconds: 10 });
    expect([limiter.waitOf('a', now), limiter.waitOf('a', now), limiter.count('a', now)]).toEqual([0, 0, 0]);
    expect(limiter.waitOf('a', now)).toBe(10);
  });

  it('counts repeats into the same bucket, and tells once that they are too many', () => {
    const limiter = createRefreshLimiter({ atMost: 2, perSeconds: 2 });
    const verdicts = Array.from({ length: 36 }, () => limiter.countRepeat('a', 1, now));
    expect(verdicts.findIndex(({ isFirstTooMany }) => isFirstTooMany)).toBe(32);
    expect(verdicts.filter(({ isFirstTooMany }) => isFirstTooMany)).toHaveLength(1);
    expect(verdicts.map(({ waitSeconds }) => waitSeconds).slice(-4)).toEqual([0, 0, 1, 1]);
    expect(limiter.count('a', now)).toBe(1);
  });

  it('is bounded: it forgets who has been quiet while others came, and nobody who has not', () => {
    const limiter = createRefreshLimiter({ atMost: 1, perSeconds: 10 }, 3);
    const others = Array.from({ length: 12 }, (_, index) => `other-${String(index)}`);
    for (const id of ['busy', 'quiet', 'last', 'next']) limiter.count(id, now);
    expect(['busy', 'quiet'].map((id) => limiter.count(id, now))).toEqual([10, 10]);
    for (const id of others) {
      limiter.count(id, now);
      expect(limiter.count('busy', now)).toBe(10);
    }
    expect(limiter.count('quiet', now)).toBe(0);
  });
});
