import { type Milliseconds, milliseconds } from '@latchkey/protocol';

/** What is known about the issuer's key set. Times in milliseconds since 1970. */
export interface KeySetState {
  /** When the key set was last received. */
  readonly receivedAt: Milliseconds | undefined;
  /** When it was last asked for, with what outcome. */
  readonly tried: { readonly at: Milliseconds; readonly failed: boolean } | undefined;
}

/** What to do about a key: use the one at hand (asking again beside it), ask and decide again, or give up. */
export type KeyDecision = 'use' | 'use_and_refresh' | 'fetch' | 'unknown' | 'unavailable';

/** A key set is taken as it is for 10 minutes; the issuer publishes a key for longer than that before it signs. */
const freshFor = milliseconds(10 * 60_000);

/**
 * While the issuer does not answer, keys are used for a day. Our choice because an outage must not stop the APIs, and a
 * key that was withdrawn must stop some time.
 */
const usableFor = milliseconds(24 * 3_600_000);

/** A key id that nobody knows makes the set be fetched at most every 30 s; made-up ones must not become a load. */
const coolDown = milliseconds(30_000);

/** How long to wait after an attempt that failed, in milliseconds: shorter, because requests wait for it. */
export const coolDownAfterFailure = milliseconds(5_000);

/** Decides about a key that is in the set we have (`known`) or is not. */
export function decideKey(state: KeySetState, known: boolean, now: Milliseconds): KeyDecision {
  const { receivedAt, tried } = state;
  const resting = tried && within(now, tried.at, tried.failed ? coolDownAfterFailure : coolDown);
  if (known && within(now, receivedAt, freshFor)) return 'use';
  if (known && within(now, receivedAt, usableFor)) return resting ? 'use' : 'use_and_refresh';
  if (!resting) return 'fetch';
  return tried.failed ? 'unavailable' : 'unknown';
}

/** A time in the future is not "within": the clock was set back, and nothing is known about its age. */
const within = (now: Milliseconds, since: Milliseconds | undefined, limit: Milliseconds): boolean =>
  since !== undefined && now >= since && now - since < limit;
