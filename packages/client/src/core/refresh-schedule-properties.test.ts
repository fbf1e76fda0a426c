import fc from 'fast-check';
import { expect, it } from 'vitest';
import { issuedTokens, ms, signInWith, storyStart } from '../testing/machine-driver.fixture.js';
import { backoff, earliestSend, freshness, marginBegins, marginOf, recentSends } from './refresh-schedule.js';
import { type StoredSession, applyChange } from './session-record.js';

const fraction = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
const lifetime = fc.oneof(fc.integer({ min: 0, max: 2 ** 33 }), fc.double({ min: 0, max: 1e6, noNaN: true }));
const margin = fc.record({
  atMost: fc.nat(3_600_000).map(ms),
  fractionOfLifetime: fc.double({ min: 0, max: 1, noNaN: true }),
});

const sessionOf = (given: Parameters<typeof issuedTokens>[1]): StoredSession =>
  applyChange(undefined, signInWith(issuedTokens('0', given))).record!.session!;

it('a margin is never above its bound nor its fraction of the lifetime, and never begins before the token', () => {
  fc.assert(
    fc.property(lifetime, margin, (length, limits) => {
      const session = sessionOf({ lifetime: length });
      const own = marginOf(session, limits);
      expect(own).toBeGreaterThanOrEqual(0);
      expect(own).toBeLessThanOrEqual(limits.atMost);
      expect(own).toBeLessThanOrEqual(length * limits.fractionOfLifetime + 1e-3);
      expect(marginBegins(session, limits)).toBeGreaterThanOrEqual(session.refreshedAt);
    }),
  );
});

it('what is needed for longer than the margin is urgent, never fresher; more of a need never makes a token better', () => {
  const aged = fc.record({ length: lifetime, age: fc.nat(2 ** 33) });
  const order = ['fresh', 'ageing', 'urgent', 'expired'];
  fc.assert(
    fc.property(aged, margin, fc.tuple(fc.nat(1e7), fc.nat(1e7)), ({ length, age }, limits, needs) => {
      const session = sessionOf({ lifetime: length });
      const now = ms(storyStart + age);
      const [less, more] = needs
        .sort((a, b) => a - b)
        .map((needed) => order.indexOf(freshness(session, now, { margin: limits, needed: ms(needed) })));
      expect(more).toBeGreaterThanOrEqual(less!);
      const left = session.accessExpiresAt - now;
      if (left > 0 && left <= needs[1]) expect(order[more!]).toBe('urgent');
    }),
  );
});

it('a back-off is a second at least, a minute at most, and never shorter than the server asked', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e6 }), fraction, fc.nat(3_600_000), (failures, random, after) => {
      const wait = backoff(failures, random, ms(after));
      expect(wait).toBeGreaterThanOrEqual(Math.max(1000, after));
      expect(wait).toBeLessThanOrEqual(Math.max(60_000, after));
      expect(wait).toBeLessThanOrEqual(Math.max(1000, after, 1000 * 2 ** failures));
      expect(backoff(failures + 1, random, ms(after))).toBeGreaterThanOrEqual(wait);
    }),
  );
});

it('whoever sends no earlier than allowed is never twice in a second nor 31 times in a minute, however hasty', () => {
  const haste = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 5000 }));
  fc.assert(
    fc.property(fc.array(haste, { minLength: 40, maxLength: 120 }), (pauses) => {
      const all: number[] = [];
      let sends: readonly ReturnType<typeof ms>[] = [];
      let now = ms(storyStart);
      for (const pause of pauses) {
        const allowed = earliestSend(sends, ms(0), now);
        now = ms(Math.max(now + pause, allowed));
        sends = [...recentSends(sends, now), now];
        expect(now - (all.at(-1) ?? 0)).toBeGreaterThanOrEqual(1000);
        all.push(now);
        expect(all.filter((at) => at > now - 60_000).length).toBeLessThanOrEqual(30);
      }
    }),
    { numRuns: 50 },
  );
});

it('a refresh of another tab counts, unless it is of a time to come', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e6, max: 1e6 }), (ago) => {
      const now = ms(storyStart);
      const allowed = earliestSend([], ms(now - ago), now);
      expect(allowed).toBe(ago < 0 ? -Infinity : now - ago + 1000);
    }),
  );
});
