import { expect, it } from 'vitest';
import { rememberRecent } from './recent-tokens.js';

it('remembers at least the last half and never more than it may', () => {
  const recent = rememberRecent<number>(10);
  for (let value = 0; value < 1_000; value++) {
    recent.set(String(value), value);
    const kept = Array.from({ length: value + 1 }, (_, key) => recent.get(String(key))).filter(
      (one) => one !== undefined,
    );
    expect(kept.slice(-5)).toEqual([4, 3, 2, 1, 0].map((ago) => value - ago).filter((one) => one >= 0));
    expect(kept.length).toBeLessThanOrEqual(10);
  }
});

it('takes the latest value of a key', () => {
  const recent = rememberRecent<number>(2);
  for (const value of [1, 2, 3]) recent.set('a', value);
  expect(recent.get('a')).toBe(3);
});
