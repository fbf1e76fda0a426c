import { milliseconds } from '@latchkey/protocol';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { browserClock } from './clock.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('E31: a wake-up in 31 days, beyond what a timer holds, comes in 31 days and not at once', () => {
  const days = 86_400_000;
  const calls: number[] = [];
  const start = Date.now();
  browserClock.wake(milliseconds(31 * days), () => calls.push(Date.now() - start));
  const stop = browserClock.wake(milliseconds(31 * days), () => calls.push(-1));
  vi.advanceTimersByTime(25 * days);
  stop();
  vi.advanceTimersByTime(10 * days);
  expect(calls).toEqual([31 * days]);
});

it('E31: no part of a wait is longer than a browser’s timer holds, and together they are the wait', () => {
  fc.assert(
    fc.property(fc.oneof(fc.nat(2 ** 40), fc.integer({ min: 2 ** 31 - 3, max: 2 ** 31 + 3 })), (delay) => {
      const parts: number[] = [];
      let isOver = false;
      const timers = vi.spyOn(globalThis, 'setTimeout').mockImplementation((callback, part = 0) => {
        parts.push(part);
        callback();
        return 0 as never;
      });
      browserClock.wake(milliseconds(delay), () => (isOver = true));
      timers.mockRestore();
      expect(Math.max(...parts)).toBeLessThanOrEqual(2 ** 31 - 1);
      expect(parts.reduce((sum, part) => sum + part, 0)).toBe(delay);
      expect(isOver).toBe(true);
    }),
  );
});
