import { milliseconds } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import { simulatedClock } from './simulated-clock.js';

describe('simulatedClock', () => {
  it('stands still until it is moved, and then moves both clocks', async () => {
    const clock = simulatedClock(1_000);
    expect([clock.now(), clock.monotonic()]).toEqual([1_000, 0]);
    await clock.advance(500);
    expect([clock.now(), clock.monotonic()]).toEqual([1_500, 500]);
  });

  it('steps the wall clock alone: no timer fires', async () => {
    const clock = simulatedClock(1_000);
    let fired = 0;
    clock.wake(milliseconds(10), () => fired++);
    clock.step(-3_600_000);
    await clock.advance(9);
    expect([clock.now(), clock.monotonic(), fired]).toEqual([1_009 - 3_600_000, 9, 0]);
    await clock.advance(1);
    expect(fired).toBe(1);
  });

  it('fires timers in order, each at its time, once, with those that they set on the way', async () => {
    const clock = simulatedClock(0);
    const fired: string[] = [];
    const wake = (name: string, delay: number, then?: () => void): (() => void) =>
      clock.wake(milliseconds(delay), () => {
        fired.push(`${name}@${clock.monotonic()}`);
        then?.();
      });
    wake('late', 30);
    wake('early', 10, () => void Promise.resolve().then(() => wake('set by early', 10)));
    wake('too late', 31);
    const stop = wake('stopped', 15);
    wake('at once', -5);
    stop();
    await clock.advance(30);
    expect(fired).toEqual(['at once@0', 'early@10', 'set by early@20', 'late@30']);
    await clock.advance(100 * 86_400_000);
    expect(fired.slice(4)).toEqual(['too late@31']);
  });
});
