import { describe, expect, it } from 'vitest';
import { drawFrom } from '../../kill/harness/moments.js';
import type { Call } from '../page/told.js';
import { type PlannedStorm, faultKinds, planStorms } from './plan.js';
import { isOver, longestWithout, recoveryFrom } from './recovery.js';
import type { Exchange } from './refresh-log.js';
import { type Evidence, whyRefused } from './sign-outs.js';

/** A refresh that was granted at once and arrived, but for what is said otherwise. */
const exchange = (at: number, presented: string, rest: Partial<Exchange> = {}): Exchange => ({
  at,
  over: at + 10,
  presented,
  served: 200,
  issued: `after ${presented}`,
  fault: undefined,
  arrived: true,
  ...rest,
});
const refused = (at: number, presented: string) => exchange(at, presented, { served: 401, issued: undefined });

describe('a sign-out by a strict server', () => {
  const judge = (exchanges: readonly Exchange[], rest: Partial<Evidence> = {}) =>
    whyRefused(10_000, { exchanges, asked: [], gone: [], locks: true, ...rest });

  it('could not be avoided when the answer was lost, and whoever asked could only ask again', () => {
    const lost = exchange(100, 'a', { fault: 'drop-response', arrived: false });
    expect(judge([lost, refused(200, 'a')])).toBe('the answer was lost on the way');
  });

  it('could not be avoided when the server ended before it answered', () => {
    const ended = exchange(100, 'a', { served: undefined, issued: undefined, arrived: false });
    expect(judge([ended, refused(200, 'a')])).toBe('the server ended with the refresh in hand');
  });

  it('could not be avoided when the tab that asked was gone before it can have kept the answer', () => {
    const asked = [{ tab: 3, token: 'a', at: 99 }];
    const exchanges = [exchange(100, 'a'), refused(2000, 'a')];
    expect(judge(exchanges, { asked, gone: [{ tab: 3, at: 105 }] })).toBe('the tab was gone when the answer came');
    expect(judge(exchanges, { asked, gone: [{ tab: 2, at: 105 }] })).toBeUndefined();
    expect(judge(exchanges, { asked, gone: [{ tab: 3, at: 1900 }] })).toBeUndefined();
  });

  it('could not be avoided when two tabs asked at once, unless Web Locks were there to keep them apart', () => {
    const exchanges = [exchange(100, 'a'), refused(105, 'a')];
    expect(judge(exchanges, { locks: false })).toBe('two tabs refreshed at once, without Web Locks');
    expect(judge(exchanges)).toBeUndefined();
    expect(judge([exchange(100, 'a'), refused(500, 'a')], { locks: false })).toBeUndefined();
  });

  it('is put down to the token that was presented twice, though a later one was refused for it', () => {
    const lost = exchange(100, 'a', { arrived: false });
    const next = exchange(200, 'a', { issued: 'b' });
    expect(judge([lost, next, refused(300, 'b')])).toBe('the answer was lost on the way');
  });

  it('was avoidable when a token was presented again though its successor was there, or was refused at first sight', () => {
    expect(judge([exchange(100, 'a'), exchange(1000, 'after a'), refused(2000, 'a')])).toBeUndefined();
    expect(judge([refused(100, 'a')])).toBeUndefined();
    expect(judge([])).toBeUndefined();
  });
});

/** Calls of one tab: when each began, how long it took, how it ended. Their token was issued as they began. */
const calls = (...list: [begun: number, took: number, outcome?: string][]): Call[] =>
  list.map(([begun, took, outcome = 'ok']) => ({
    begun,
    ended: begun + took,
    outcome,
    expiresAt: begun + 3000,
    timeline: [],
  }));

describe('recovery from a storm', () => {
  it('is had when the last tab has made a call that succeeded', () => {
    const quick = calls([900, 10], [1200, 10]);
    const late = calls([900, 10], [1500, 10]);
    expect(recoveryFrom(1000, 9000, [quick, late])).toEqual({ firstCall: 510, asBefore: 510 });
    expect(recoveryFrom(1000, 9000, [quick, []])).toBeUndefined();
  });

  it('is not had for good as long as calls fail or wait', () => {
    const failing = calls([1100, 10], [2000, 10, 'ERR_NETWORK'], [2400, 10]);
    expect(recoveryFrom(1000, 9000, [failing])).toEqual({ firstCall: 110, asBefore: 1410 });
    const waiting = calls([1100, 10], [2000, 1500], [4000, 10]);
    expect(recoveryFrom(1000, 9000, [waiting])).toEqual({ firstCall: 110, asBefore: 2500 });
  });

  it('is over once every tab has used a token that was issued after the storm', () => {
    expect(isOver(1000, [calls([1100, 10]), calls([900, 200])])).toBe(false);
    expect(isOver(1000, [calls([1100, 10]), calls([900, 200], [1300, 10])])).toBe(true);
    expect(isOver(1000, [calls([1100, 10]), calls([1300, 10, 'status 503'])])).toBe(false);
  });

  it('leaves the longest time without a successful call to be told', () => {
    const tab = calls([0, 10], [300, 10, 'ERR_TIMEOUT'], [600, 10, 'ERR_TIMEOUT'], [900, 50], [1300, 10]);
    expect(longestWithout([calls([0, 10]), tab])).toBe(650);
  });
});

describe('the plan of a run', () => {
  const first = (count: number, plan: Generator<PlannedStorm>) =>
    Array.from({ length: count }, () => plan.next().value as PlannedStorm);
  const storms = (seed: string): PlannedStorm[] => first(100, planStorms(drawFrom(seed)));

  it('is the same for the same seed', () => {
    expect(storms('a')).toEqual(storms('a'));
    expect(storms('a')).not.toEqual(storms('b'));
  });

  it('has each kind of fault as often as any other', () => {
    const planned = storms('a').flat();
    for (const kind of faultKinds) {
      const count = planned.filter((fault) => fault.kind === kind).length;
      expect(Math.abs(count - planned.length / faultKinds.length), kind).toBeLessThanOrEqual(1);
    }
  });
});
