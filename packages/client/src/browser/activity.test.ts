import { milliseconds } from '@latchkey/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Clock } from '../ports.js';
import { personActivity } from './activity.js';
import type { Slot } from './web-storage.js';

const clock: Clock & { time: number } = {
  time: 1_000_000,
  now: () => milliseconds(clock.time),
  monotonic: () => milliseconds(clock.time),
  wake: () => () => undefined,
};

function sharedSlot(): Slot & { writes: number } {
  let text: string | null = null;
  const slot = {
    writes: 0,
    read: () => text,
    write: (next: string) => {
      text = next;
      slot.writes++;
      return true;
    },
    watch: () => () => undefined,
  };
  return slot;
}

const page = new EventTarget();

beforeEach(() => {
  clock.time = 1_000_000;
  Object.assign(globalThis, { window: page });
});
afterEach(() => {
  Reflect.deleteProperty(globalThis, 'window');
});

describe('how long a person has done nothing', () => {
  test('counts from the opening of the page, and again from each key or pointer', () => {
    const activity = personActivity(sharedSlot(), clock);
    const stop = activity.watch();
    clock.time += 60_000;
    expect(activity.idleSeconds()).toBe(60);
    page.dispatchEvent(new Event('keydown'));
    expect(activity.idleSeconds()).toBe(0);
    stop();
    clock.time += 30_000;
    page.dispatchEvent(new Event('keydown'));
    expect(activity.idleSeconds()).toBe(30);
  });

  test('hears of other tabs, and does not believe a time that is still to come', () => {
    const slot = sharedSlot();
    const activity = personActivity(slot, clock);
    clock.time += 100_000;
    slot.write(String(clock.time - 7000));
    expect(activity.idleSeconds()).toBe(7);
    slot.write(String(clock.time + 3_600_000));
    expect(activity.idleSeconds()).toBe(100);
    slot.write('edited by hand');
    expect(activity.idleSeconds()).toBe(100);
  });

  test('tells the other tabs at most every five seconds', () => {
    const slot = sharedSlot();
    const stop = personActivity(slot, clock).watch();
    for (let key = 0; key < 100; key++) {
      clock.time += 100;
      page.dispatchEvent(new Event('keydown'));
    }
    expect(slot.writes).toBe(3);
    stop();
  });
});
