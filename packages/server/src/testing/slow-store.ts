import { setTimeout as pause } from 'node:timers/promises';
import type { Store } from '../ports.js';

/** How slow, and which of the possible orders. */
export interface Slowness {
  /** The same seed gives the same delays in the same order of calls. */
  readonly seed: number;
  /** Milliseconds before a call and after it, each, at most. Default 4. */
  readonly atMost?: number;
}

/** Puts a delay before and after each call to a store: as far away as a real one, and never in the order of the calls. */
export function slowStore(store: Store, { seed, atMost = 4 }: Slowness): Store {
  const next = seededNumbers(seed);
  const delay = () => pause(next() * atMost);
  const slow = <Part extends object>(part: Part): Part =>
    new Proxy(part, {
      get(target, name) {
        const member: unknown = Reflect.get(target, name);
        if (typeof member !== 'function') return member;
        return async (...args: unknown[]) => {
          await delay();
          try {
            return (await Reflect.apply(member, target, args)) as unknown;
          } finally {
            await delay();
          }
        };
      },
    });
  return {
    sessions: slow(store.sessions),
    users: slow(store.users),
    throttle: slow(store.throttle),
    oneTimeTokens: slow(store.oneTimeTokens),
    migrate: () => store.migrate(),
    ready: () => store.ready(),
    close: () => store.close(),
  };
}

/** Numbers from 0 up to 1 that look random: mulberry32, a public-domain generator of 32 bits of state. */
function seededNumbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
