import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  DrivenTab,
  issuedTokens,
  ms,
  noVerdict,
  renewedAs,
  signInWith,
  signedInShelf,
  storyStart,
} from '../testing/machine-driver.fixture.js';
import {
  adoptWithin,
  backoff,
  earliestSend,
  freshness,
  marginBegins,
  marginOf,
  recentSends,
} from './refresh-schedule.js';
import { type StoredSession, applyChange } from './session-record.js';

const margin = { atMost: ms(300_000), fractionOfLifetime: 0.2 };
const hour = 3_600_000;

function sessionOf(given: Parameters<typeof issuedTokens>[1]): StoredSession {
  return applyChange(undefined, signInWith(issuedTokens('0', given))).record!.session!;
}

/** Runs a tab for so long, waking it whenever it asks; what was sent, and how often it woke in vain. */
function run(tab: DrivenTab, duration: number, respond: () => Parameters<DrivenTab['answer']>[0] | undefined) {
  const end = tab.monotonic + duration;
  const sends: number[] = [];
  let wakes = 0;
  for (let steps = 0; steps < 20_000; steps += 1) {
    if (tab.toSend()) {
      sends.push(tab.monotonic);
      const verdict = respond();
      if (verdict) tab.answer(verdict);
      while (tab.commit().length > 0);
      continue;
    }
    while (tab.commit().length > 0);
    const wait = tab.wakeAt - tab.now;
    expect(wait).toBeGreaterThan(0);
    if (tab.monotonic + wait > end) return { sends, wakes };
    wakes += 1;
    tab.wakeAfter(wait);
  }
  throw new Error('The machine goes round in circles.');
}

const closest = (times: readonly number[]): number =>
  Math.min(...times.slice(1).map((at, index) => at - times[index]!), Infinity);
const mostInAMinute = (times: readonly number[]): number =>
  Math.max(0, ...times.map((from) => times.filter((at) => at >= from && at < from + 60_000).length));

describe('bounds, whatever the server says', () => {
  it.each([0, 0.001, 0.5, 1, 2])(
    'E10: tokens of %d s are refreshed at most 30 times a minute, 1 s apart',
    (lifetime) => {
      const tab = new DrivenTab(signedInShelf(issuedTokens('0', { lifetime: lifetime * 1000 }))).start();
      let count = 0;
      const { sends } = run(tab, 600_000, () => renewedAs(String(++count), lifetime));
      expect(sends.length).toBeGreaterThan(100);
      expect(closest(sends)).toBeGreaterThanOrEqual(1000);
      expect(mostInAMinute(sends)).toBeLessThanOrEqual(30);
    },
  );

  it('E44: a request each 100 ms neither starves nor multiplies the renewal of a dying token', () => {
    const tab = new DrivenTab(signedInShelf(issuedTokens('0', { lifetime: 60_000 })), { refreshOnLoad: false }).start();
    let count = 0;
    const sends: number[] = [];
    for (let i = 0; i < 6000; i += 1) {
      tab.pass(100);
      const waiter = tab.wantToken();
      if (tab.refresh(renewedAs(String(++count), 60))) sends.push(tab.monotonic);
      expect(tab.outcome(waiter)).toMatchObject({ type: 'give' });
      tab.log.length = 0;
    }
    expect(sends.length).toBeGreaterThanOrEqual(10);
    expect(sends.length).toBeLessThanOrEqual(14);
  });

  it('a token valid in the future is waited for, never in a loop, and used when its time comes', () => {
    const tokens = issuedTokens('0', { usableFrom: ms(storyStart + 840_000) });
    const tab = new DrivenTab(signedInShelf(tokens), { refreshOnLoad: false }).start();
    const early = tab.wantToken();
    tab.wakeAfter(5000);
    expect(tab.outcome(early)).toMatchObject({ type: 'fail', failure: { code: 'ERR_TIMEOUT' } });
    const { wakes } = run(tab, 800_000, () => undefined);
    expect(wakes).toBeLessThan(4);
    tab.pass(storyStart + 838_000 - tab.now);
    const waiter = tab.wantToken();
    expect(tab.wakeAt).toBe(storyStart + 840_000);
    tab.wakeAfter(2000);
    expect(tab.outcome(waiter)).toMatchObject({ accessToken: 'access-0' });
  });

  it('while somebody waits for an answer, the machine does not wake before the wait is over', () => {
    const tab = new DrivenTab(signedInShelf(), { refreshOnLoad: false }).start().pass(hour);
    tab.wantToken();
    tab.toSend();
    expect(tab.wakeAt).toBe(tab.now + 5000);
  });

  it('any lifetimes, failures and pauses: every look is in the future, sends are bounded, nobody is signed out', () => {
    const verdict = fc.oneof(
      fc.double({ min: 0.001, max: 5e9, noNaN: true }).map((lifetime) => ({ lifetime })),
      fc.nat(7200).map((retryAfter) => ({ retryAfter })),
      fc.constantFrom('ERR_NETWORK' as const, 'ERR_TIMEOUT' as const),
    );
    fc.assert(
      fc.property(
        fc.array(verdict, { minLength: 1 }),
        fc.nat(5_000_000),
        fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true }),
        (script, lifetime, fraction) => {
          const tab = new DrivenTab(signedInShelf(issuedTokens('0', { lifetime }))).start();
          tab.fraction = fraction;
          let count = 0;
          const { sends } = run(tab, 300_000, () => {
            const next = script[count++ % script.length]!;
            if (typeof next === 'string') return noVerdict({ code: next, status: 0 });
            if ('lifetime' in next) return renewedAs(String(count), next.lifetime);
            return noVerdict({ retryAfter: next.retryAfter as never });
          });
          expect(closest(sends)).toBeGreaterThanOrEqual(999.999);
          expect(mostInAMinute(sends)).toBeLessThanOrEqual(30);
          expect(tab.shelf.record?.session).not.toBeNull();
        },
      ),
      { numRuns: 60 },
    );
  });

  it('any sequence of inputs with an idle network: a look is never in the past, and every wait ends', () => {
    const step = fc.oneof(
      fc.nat(600_000).map((pass) => ({ pass })),
      fc.constantFrom('token', 'refresh', 'refused', 'online', 'offline', 'look', 'lock', 'read', 'fail', 'commit'),
    );
    const nbf = fc.integer({ min: -1000, max: 1_200_000 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), nbf, (steps, later) => {
        const tab = new DrivenTab(signedInShelf(issuedTokens('0', { usableFrom: ms(storyStart + later) }))).start();
        const waiters: number[] = [];
        for (const next of steps) {
          if (typeof next === 'object') tab.wakeAfter(next.pass);
          else if (next === 'token') waiters.push(tab.wantToken());
          else if (next === 'refresh') waiters.push(tab.wantRefresh());
          else if (next === 'refused') tab.input({ type: 'token-refused', accessToken: 'access-0' });
          else if (next === 'look') tab.look();
          else if (next === 'lock') tab.lock();
          else if (next === 'read') tab.read();
          else if (next === 'fail') tab.answer(noVerdict());
          else if (next === 'commit') tab.commit();
          else tab.input({ type: 'network', online: next === 'online' });
          expect(tab.wakeAt).toBeGreaterThan(tab.now);
        }
        for (let i = 0; i < 3; i += 1) tab.wakeAfter(15_000);
        for (const waiter of waiters) expect(tab.outcome(waiter)).toBeDefined();
      }),
    );
  });
});

describe('E21: a clock that is wrong', () => {
  const tabAt = (): DrivenTab => new DrivenTab(signedInShelf(), { refreshOnLoad: false }).start();

  it.each([hour, 24 * hour])('set forward by %d ms leads to one refresh, not more', (step) => {
    const tab = tabAt().pass(60_000);
    tab.now += step;
    tab.input({ type: 'woke' });
    const { sends } = run(tab, 600_000, () => renewedAs('1'));
    expect(sends.length).toBe(1);
    expect(tab.all('signed-out')).toEqual([]);
  });

  it.each([hour, 24 * hour])('set back by %d ms leads to one refresh, not more', (step) => {
    const tab = tabAt().pass(60_000);
    tab.now -= step;
    const waiter = tab.wantToken();
    const { sends } = run(tab, 600_000, () => renewedAs('1'));
    expect(tab.outcome(waiter)).toMatchObject({ accessToken: 'access-1' });
    expect(sends.length).toBe(1);
    tab.look();
    expect(tab.take('acquire-lock')).toBeUndefined();
  });

  it('set back does not make anybody wait longer, for a token, a back-off or the server’s word', () => {
    const tab = tabAt().pass(hour);
    const waiter = tab.wantToken();
    tab.refresh(noVerdict({ retryAfter: 30 as never }));
    tab.now -= hour / 2;
    tab.input({ type: 'woke' });
    expect(tab.outcome(waiter) ?? tab.wakeAt).toSatisfy((seen) => typeof seen === 'object' || seen <= tab.now + 5000);
    tab.wakeAfter(60_001);
    expect(tab.toSend()).toBeDefined();
  });

  it('set back while the server gives no answer: the token is used after all, and not at once', () => {
    const tab = tabAt().pass(60_000);
    tab.now -= hour;
    const waiter = tab.wantToken();
    expect(tab.outcome(waiter)).toBeUndefined();
    tab.refresh(noVerdict());
    expect(tab.outcome(waiter)).toMatchObject({ accessToken: 'access-0' });
  });

  it('set back in a sleep that the tab knows nothing of: what another tab refreshed before is not taken for fresh', () => {
    const tab = tabAt().pass(60_000);
    new DrivenTab(tab.shelf, { refreshOnLoad: false })
      .pass(2 * hour)
      .start()
      .refresh(renewedAs('1'));
    // It slept longer than the clock was set back, with its other clock standing still.
    tab.now += 2 * hour + 14 * 60_000 - hour / 2;
    tab.look();
    const waiter = tab.wantToken();
    expect(tab.outcome(waiter)).toBeUndefined();
    expect(tab.toSend()).toMatchObject({ refreshToken: 'refresh-1' });
  });

  it('set back after the server had asked to wait and had then answered: nobody waits for that any more', () => {
    const tab = tabAt().pass(hour);
    tab.wakeAfter(0);
    tab.refresh(noVerdict({ retryAfter: 30 as never }));
    tab.wakeAfter(30_000);
    tab.refresh(renewedAs('1'));
    tab.pass(2000);
    tab.now -= hour / 2;
    tab.input({ type: 'token-refused', accessToken: 'access-1' });
    expect(tab.toSend()).toBeDefined();
  });

  it('jumping back and forth for an hour stays bounded', () => {
    const tab = tabAt();
    let count = 0;
    const sends: number[] = [];
    for (let minute = 0; minute < 60; minute += 1) {
      tab.now += minute % 2 ? -hour : hour;
      tab.wakeAfter(0);
      sends.push(...run(tab, 60_000, () => renewedAs(String(++count))).sends);
      tab.pass(minute * 60_000 + 60_000 - tab.monotonic);
    }
    expect(sends.length).toBeLessThanOrEqual(61);
    expect(tab.shelf.record?.session).not.toBeNull();
  });
});

describe('the arithmetic', () => {
  const time = fc.integer({ min: 0, max: 4e12 });

  it('a margin is never longer than its bound or its fraction', () => {
    fc.assert(
      fc.property(fc.nat(1e10), (lifetime) => {
        const length = marginOf(sessionOf({ lifetime }), margin);
        expect(length).toBeLessThanOrEqual(Math.min(300_000, lifetime * 0.2));
        expect(length).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('a token ages in one direction only: fresh, ageing, urgent, expired', () => {
    const order = ['fresh', 'ageing', 'urgent', 'expired'];
    fc.assert(
      fc.property(fc.nat(1e9), fc.nat(2e9), fc.nat(1e9), (lifetime, at, later) => {
        const session = sessionOf({ lifetime });
        const judged = [at, at + later].map((age) => freshness(session, ms(storyStart + age), { margin }));
        expect(order.indexOf(judged[0]!)).toBeLessThanOrEqual(order.indexOf(judged[1]!));
        expect(freshness(session, marginBegins(session, margin), { margin })).not.toBe('fresh');
      }),
    );
  });

  it.each([
    [239_999, 'fresh'],
    [240_000, 'ageing'],
    [269_999, 'ageing'],
    [270_000, 'urgent'],
    [299_999, 'urgent'],
    [300_000, 'expired'],
  ])('a five-minute token of %d ms is %s', (age, expected) => {
    expect(freshness(sessionOf({ lifetime: 300_000 }), ms(storyStart + age), { margin })).toBe(expected);
  });

  it('a back-off is between a second and a minute, or as long as the server asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, fraction) => {
          expect(backoff(failures, fraction, ms(0))).toBeGreaterThanOrEqual(1000);
          expect(backoff(failures, fraction, ms(0))).toBeLessThanOrEqual(60_000);
          expect(Number.isInteger(backoff(failures, fraction, ms(0))), 'a timer holds no fraction').toBe(true);
          expect(backoff(failures, fraction, ms(90_000))).toBe(90_000);
        },
      ),
    );
  });

  it('the next send is a second after the last of any tab, and more than a minute after the thirtieth last', () => {
    const sends = Array.from({ length: 30 }, (_, index) => ms(index * 1000));
    expect(earliestSend([], ms(5000), ms(5500))).toBe(6000);
    expect(earliestSend([ms(7000)], ms(5000), ms(7500))).toBe(8000);
    expect(earliestSend(sends.slice(0, 7), ms(0), ms(6500))).toBe(7200);
    expect(earliestSend(sends, ms(0), ms(29_500))).toBe(62_400);
    expect(earliestSend([], ms(99_000), ms(5500))).toBe(-Infinity);
    expect(earliestSend([], ms(5500), ms(5500))).toBe(6500);
    expect(adoptWithin).toBe(10_000);
  });

  it('E22: who sends as often as they may never waits long for the next time, however long the outage was', () => {
    const sends: number[] = [];
    for (let now = 0; now < 180_000; now += 100) {
      const recent = recentSends(sends.map(ms), ms(now));
      if (earliestSend(recent, ms(-hour), ms(now)) <= now) sends.push(now);
    }
    const gaps = sends.slice(1).map((at, index) => at - sends[index]!);
    expect(Math.min(...gaps)).toBe(1000);
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2500);
    expect(mostInAMinute(sends)).toBeGreaterThan(25);
    expect(mostInAMinute(sends)).toBeLessThanOrEqual(30);
  });

  it.each([
    [-1000, 'fresh'],
    [-1001, 'urgent'],
  ])('a token of %d ms is %s: one from the future is renewed', (age, expected) => {
    expect(freshness(sessionOf({ lifetime: 300_000 }), ms(storyStart + age), { margin })).toBe(expected);
  });

  it('a send is forgotten when it is a minute old, and not before', () => {
    expect(recentSends([ms(1), ms(2)], ms(60_001))).toEqual([2]);
  });

  it('sends are forgotten after a minute, and when the clock was set back before them', () => {
    fc.assert(
      fc.property(fc.array(time), time, (sends, now) => {
        for (const at of recentSends(sends.map(ms), ms(now))) {
          expect(at).toBeLessThanOrEqual(now);
          expect(at).toBeGreaterThan(now - 60_000);
        }
      }),
    );
  });
});
