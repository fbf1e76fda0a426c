import { milliseconds } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import type { IssuedTokens } from '../core/session-record.js';
import { memoryLock } from './memory-lock.js';
import { memoryStorage } from './memory-storage.js';
import { simulatedClock } from './simulated-clock.js';

const tokens: IssuedTokens = {
  accessToken: 'access-1',
  refreshToken: 'refresh-1',
  user: undefined,
  sessionId: 's',
  generation: 0,
  refreshedAt: milliseconds(0),
  usableFrom: milliseconds(0),
  accessExpiresAt: milliseconds(900_000),
  sessionExpiresAt: null,
};
const signedIn = { kind: 'signed-in', endpoint: 'e', tokens, tier: 'K', remember: true } as const;

describe('memoryStorage', () => {
  it('shows every tab what one changed, and tells the others alone', async () => {
    const storage = memoryStorage();
    const [one, two] = [storage.tab(), storage.tab()];
    const told: string[] = [];
    one.watch(() => told.push('one'));
    const stop = two.watch(() => told.push('two'));
    expect((await one.change(signedIn)).won).toBe(true);
    expect(told).toEqual(['two']);
    expect(await two.read()).toBe(storage.record());
    expect(two.hint()?.session?.accessToken).toBe('access-1');
    stop();
    await one.change({ kind: 'signed-out', reason: 'user', sessionId: 's', revoke: true });
    expect(told).toEqual(['two']);
    expect((await two.read())?.session).toBeNull();
  });

  it('keeps what is there, and tells nobody, when a change loses', async () => {
    const storage = memoryStorage();
    const [one, two] = [storage.tab(), storage.tab()];
    await one.change(signedIn);
    const told: string[] = [];
    one.watch(() => told.push('one'));
    const before = storage.record();
    const stale = { epoch: 1, sessionId: 's', refreshToken: 'of long ago', generation: 0 };
    expect(await two.change({ kind: 'tokens', expected: stale, tokens })).toEqual({ won: false, record: before });
    expect([storage.record(), told.length]).toEqual([before, 0]);
  });

  it('is rolled back by the test, which every tab hears of', async () => {
    const storage = memoryStorage();
    const tab = storage.tab();
    await tab.change(signedIn);
    const told: string[] = [];
    tab.watch(() => told.push('tab'));
    storage.put(undefined);
    expect(await tab.read()).toBeUndefined();
    expect(told).toEqual(['tab']);
  });
});

describe('memoryLock', () => {
  const second = milliseconds(1_000);

  it('is held by one at a time, in the order of asking', async () => {
    const lock = memoryLock(simulatedClock());
    const order: string[] = [];
    const first = await lock.acquire(second);
    const others = ['b', 'c'].map((name) =>
      lock.acquire(second).then((release) => {
        order.push(name);
        return release;
      }),
    );
    await Promise.resolve();
    expect(order).toEqual([]);
    first?.();
    const b = await others[0];
    expect(order).toEqual(['b']);
    first?.();
    await Promise.resolve();
    expect(order).toEqual(['b']);
    b?.();
    await others[1];
    expect(order).toEqual(['b', 'c']);
  });

  it('lets go of whoever has waited long enough, and of nobody who holds it', async () => {
    const clock = simulatedClock();
    const lock = memoryLock(clock);
    const holder = await lock.acquire(second);
    const patient = lock.acquire(milliseconds(5_000));
    const impatient = lock.acquire(second);
    await clock.advance(1_000);
    expect(await impatient).toBeUndefined();
    holder?.();
    const release = await patient;
    await clock.advance(10_000);
    release?.();
    expect(await lock.acquire(second)).toBeTypeOf('function');
  });
});
