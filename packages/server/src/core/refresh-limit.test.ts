import type { EpochSeconds } from '@latchkey/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RefreshUse, countRefresh, countRepeat, usualRepeats } from './refresh-limit.js';
import { defaultThrottleLimits } from './sign-in-throttle.js';

const limit = { atMost: 10, perSeconds: 5 };
const at = (seconds: number) => (1_800_000_000 + seconds) as EpochSeconds;

/** Counts refreshes at these moments; how long each has to wait. */
function waitsAt(moments: readonly number[]): number[] {
  let use: RefreshUse | undefined;
  return moments.map((moment) => {
    const counted = countRefresh(use, limit, at(moment));
    ({ use } = counted);
    return counted.waitSeconds;
  });
}

const times = (count: number, moment: number) => Array.from({ length: count }, () => moment);

describe('countRefresh', () => {
  it('lets as many go on at once as it says, and puts the next off until there is room', () => {
    expect(waitsAt(times(11, 0))).toEqual([...times(10, 0), 1]);
    expect(waitsAt([...times(11, 0), 1, 1, 1])).toEqual([...times(10, 0), 1, 0, 0, 1]);
  });

  it('does not count those that it puts off', () => {
    expect(waitsAt([...times(40, 0), 1, 1]).slice(-2)).toEqual([0, 0]);
  });

  it('is empty after a while, and no emptier than that', () => {
    expect(waitsAt([...times(10, 0), ...times(11, 5)]).slice(-11)).toEqual([...times(10, 0), 1]);
    expect(waitsAt([...times(10, 0), ...times(11, 5000)]).slice(-11)).toEqual([...times(10, 0), 1]);
  });

  it('goes on from a clock that was set back', () => {
    expect(waitsAt([...times(10, 0), -3600, -3599, -3599, -3599])).toEqual([...times(10, 0), 1, 0, 0, 1]);
  });

  it('says how long to wait: not yet a second before, and then yes', () => {
    const slow = { atMost: 2, perSeconds: 60 };
    let use: RefreshUse | undefined;
    for (let count = 0; count < 2; count += 1) ({ use } = countRefresh(use, slow, at(0)));
    expect(countRefresh(use, slow, at(0)).waitSeconds).toBe(30);
    expect(countRefresh(use, slow, at(29)).waitSeconds).toBe(1);
    expect(countRefresh(use, slow, at(30)).waitSeconds).toBe(0);
  });

  it('never lets more through than the limit and what has leaked, in whatever rhythm they come', () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 4 }), { maxLength: 60 }), (gaps) => {
        let moment = 0;
        const moments = gaps.map((gap) => (moment += gap));
        const passed = moments.filter((_, index) => waitsAt(moments)[index] === 0);
        for (const [from, first] of passed.entries()) {
          for (const [to, last] of passed.entries()) {
            const most = limit.atMost + ((last - first) * limit.atMost) / limit.perSeconds;
            if (to >= from) expect(to - from + 1).toBeLessThanOrEqual(most);
          }
        }
      }),
    );
  });
});

describe('countRepeat', () => {
  const { refreshPerSession } = defaultThrottleLimits;
  const repeatTimes = (count: number, generation: number, use?: RefreshUse) => {
    const verdicts: ReturnType<typeof countRepeat>[] = [];
    for (let repeat = 0; repeat < count; repeat += 1) {
      verdicts.push(countRepeat(verdicts.at(-1)?.use ?? use, generation, { limit: refreshPerSession, now: at(0) }));
    }
    return verdicts;
  };

  it('costs nothing while they are usual', () => {
    expect(repeatTimes(usualRepeats, 1).at(-1)).toEqual({
      use: { level: 0, at: at(0), generation: 1, repeats: usualRepeats },
      waitSeconds: 0,
      isFirstTooMany: false,
    });
  });

  it('fills the bucket beyond that, and tells the first', () => {
    const verdicts = repeatTimes(usualRepeats + 3, 1).slice(usualRepeats);
    expect(verdicts.map(({ isFirstTooMany }) => isFirstTooMany)).toEqual([true, false, false]);
    expect(verdicts.map(({ use }) => use.level)).toEqual([1, 2, 3]);
  });

  it('begins anew with each generation, and keeps what is in the bucket', () => {
    const { use } = repeatTimes(usualRepeats + 5, 1).at(-1)!;
    expect(repeatTimes(1, 2, use)[0]).toMatchObject({ use: { level: 5, generation: 2, repeats: 1 }, waitSeconds: 0 });
  });

  it('has room for 64 racers with one key at once', () => {
    let use: RefreshUse | undefined;
    const waits = Array.from({ length: 64 }, (_, racer) => {
      const counted = countRefresh(use, refreshPerSession, at(0));
      const repeat = racer === 0 ? counted : countRepeat(counted.use, 1, { limit: refreshPerSession, now: at(0) });
      ({ use } = repeat);
      return counted.waitSeconds + repeat.waitSeconds;
    });
    expect(waits).toEqual(times(64, 0));
  });
});
