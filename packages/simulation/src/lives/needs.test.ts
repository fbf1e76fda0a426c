import { describe, expect, it } from 'vitest';
import { Needs } from './needs.js';
import { day, minute, second } from './time.js';

const period = 12 * minute;
const lifetime = 15 * minute;
const start = 1000 * day;

/** A profile that was signed in at `start`, with a page in sight and in reach. */
function inReach(): Needs {
  const needs = new Needs(start, { period, lifetime });
  needs.change(start, awake);
  needs.signedIn(start);
  return needs;
}

const awake = { awake: 1, throttled: false, reachable: true };
const asleep = { awake: 0, throttled: false, reachable: true };
const outOfReach = { awake: 1, throttled: false, reachable: false };

describe('the least that is promised', () => {
  it('is a refresh a period while a page is awake, and none while all sleep', () => {
    const needs = inReach();
    needs.change(start + 5 * period + 1, asleep);
    expect(needs.promised).toBe(5);
    needs.change(start + 20 * period, awake);
    needs.change(start + 20 * period + 1, asleep);
    expect(needs.promised).toBe(6);
  });

  it('is one for a page that opens, unless one was made within ten seconds', () => {
    const needs = inReach();
    needs.opened(start + 10 * second);
    expect(needs.promised).toBe(0);
    needs.opened(start + 11 * second);
    needs.opened(start + 12 * second);
    expect(needs.promised).toBe(1);
  });

  it('is on the minute while all pages are in the background', () => {
    const needs = inReach();
    needs.change(start, { ...awake, throttled: true });
    needs.opened(start + 30 * second);
    needs.change(start + 3 * (period + minute), asleep);
    // At 0:30, 13:00, 25:00 and 37:00.
    expect(needs.promised).toBe(4);
  });

  it('waits for the network, and counts how long pages were stuck meanwhile', () => {
    const needs = inReach();
    needs.change(start + minute, { ...outOfReach, awake: 2 });
    needs.opened(start + 2 * minute);
    needs.change(start + 5 * minute, awake);
    needs.change(start + 5 * minute + 1, asleep);
    expect([needs.promised, needs.stuck]).toEqual([1, 2 * 3 * minute]);
  });

  it('is nothing while nobody is signed in', () => {
    const needs = inReach();
    needs.signedOut(start + minute);
    needs.opened(start + 2 * minute);
    needs.change(start + day, asleep);
    expect([needs.promised, needs.stuck]).toEqual([0, 0]);
  });
});

describe('the least for the calls alone', () => {
  it('is one whenever a call would have no living token', () => {
    const needs = inReach();
    for (const after of [14, 15, 29, 30, 100]) needs.called(start + after * minute);
    expect(needs.needed).toBe(3);
  });
});

describe('how long a profile was away', () => {
  it('goes from the last spell in which a refresh must have come through to the present one', () => {
    const needs = inReach();
    needs.called(start + minute);
    needs.change(start + 2 * minute, asleep);
    // Too short, and nothing asked for a token.
    needs.change(start + 10 * day, awake);
    needs.change(start + 10 * day + 5 * minute, asleep);
    needs.change(start + 40 * day, awake);
    expect(needs.awayFor(start + 50 * day)).toBe(40 * day - 2 * minute);
  });

  it('goes on while nothing is in reach, though a page is open', () => {
    const needs = inReach();
    needs.called(start + minute);
    needs.change(start + 2 * minute, asleep);
    needs.change(start + 31 * day, { ...awake, reachable: false });
    expect(needs.awayFor(start + 31 * day + minute)).toBe(31 * day - minute);
  });

  it('is over with a short spell in which the app made a call, and with a long one without', () => {
    for (const [lasts, calls] of [
      [2 * minute, true],
      [14 * minute, false],
    ] as const) {
      const needs = inReach();
      needs.change(start + minute, asleep);
      needs.change(start + 10 * day, awake);
      if (calls) needs.called(start + 10 * day);
      needs.change(start + 10 * day + lasts, asleep);
      needs.change(start + 11 * day, awake);
      expect(needs.awayFor(start + 12 * day)).toBe(day - lasts);
    }
  });
});
