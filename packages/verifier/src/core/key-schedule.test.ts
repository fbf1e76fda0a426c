import { milliseconds } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import { type KeyDecision, decideKey } from './key-schedule.js';

const minute = 60_000;
const hour = 60 * minute;
const now = milliseconds(1_800_000_000_000);

interface Row {
  readonly received?: number;
  readonly tried?: number;
  readonly failed?: boolean;
}

/** Ages in milliseconds before now. */
const decide = (row: Row, known: boolean): KeyDecision =>
  decideKey(
    {
      receivedAt: row.received === undefined ? undefined : milliseconds(now - row.received),
      tried: row.tried === undefined ? undefined : { at: milliseconds(now - row.tried), failed: row.failed ?? false },
    },
    known,
    now,
  );

describe('decideKey', () => {
  it.each<[string, Row, boolean, KeyDecision]>([
    ['a first look-up', {}, false, 'fetch'],
    ['a key of a fresh set', { received: 0, tried: 0 }, true, 'use'],
    ['a key of a set of 9 minutes', { received: 9 * minute, tried: 9 * minute }, true, 'use'],
    ['a key of a set of 10 minutes', { received: 10 * minute, tried: 10 * minute }, true, 'use_and_refresh'],
    ['the same just after a failed attempt', { received: 10 * minute, tried: 4_999, failed: true }, true, 'use'],
    ['the same 5 s after it', { received: 10 * minute, tried: 5_000, failed: true }, true, 'use_and_refresh'],
    ['a key of a set of 23 hours in an outage', { received: 23 * hour, tried: 1_000, failed: true }, true, 'use'],
    ['a key of a set of a day in an outage', { received: 24 * hour, tried: 1_000, failed: true }, true, 'unavailable'],
    ['a key of a set of a day', { received: 24 * hour, tried: 24 * hour }, true, 'fetch'],
    ['an unknown key just after the set came', { received: 0, tried: 0 }, false, 'unknown'],
    ['an unknown key 29 s after', { received: 29_999, tried: 29_999 }, false, 'unknown'],
    ['an unknown key 30 s after', { received: 30_000, tried: 30_000 }, false, 'fetch'],
    ['an unknown key just after a failed attempt', { received: minute, tried: 0, failed: true }, false, 'unavailable'],
    ['an unknown key 5 s after it', { received: minute, tried: 5_000, failed: true }, false, 'fetch'],
    ['no set, just after a failed attempt', { tried: 0, failed: true }, false, 'unavailable'],
    ['a clock that was set back by an hour', { received: -hour, tried: -hour }, true, 'fetch'],
  ])('for %s', (...[, row, known, wanted]) => {
    expect(decide(row, known)).toBe(wanted);
  });
});
