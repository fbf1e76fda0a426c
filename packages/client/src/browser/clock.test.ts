import { milliseconds } from '@latchkey/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { browserClock } from './clock.js';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('a wake-up in 31 days, beyond what a timer holds, comes in 31 days and not at once (31)', () => {
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
