import { type Milliseconds, milliseconds } from '@latchkey/protocol';
import type { StoredSession } from './session-record.js';

/** When to refresh: `atMost` before expiry, but never more than a fraction of the token's lifetime. */
export interface RefreshMargin {
  readonly atMost: Milliseconds;
  readonly fractionOfLifetime: number;
}

/** How much an access token is worth now. */
export type Freshness =
  /** Outside the margin: use it. */
  | 'fresh'
  /** Within the margin: use it, and refresh beside. */
  | 'ageing'
  /** So near its end that it might not arrive, or nobody knows how near: wait for the refresh. */
  | 'urgent'
  | 'expired'
  /** Not valid yet (`nbf`). */
  | 'early';

/** Refreshes of one profile are at least this far apart, whatever the server says. Our choice: `expires_in: 0` exists. */
const leastInterval = milliseconds(1000);

/** No more sends than this in a minute from one tab. Our choice: bounds what any bug, here or there, can do. */
export const sendsPerMinute = 30;

/** A page that opens this soon after a refresh (any tab's) takes that one's token. */
export const adoptWithin = milliseconds(10_000);

/** Our choice: so many go out as fast as they may, the others at the pace that a minute then has room for. */
const burst = 5;

const minute = 60_000;
const pace = minute / (sendsPerMinute - burst);
const urgentAtMost = 30_000;
const longestBackoff = 60_000;

/** The margin of a session's access token, in milliseconds. */
export function marginOf(session: StoredSession, { atMost, fractionOfLifetime }: RefreshMargin): Milliseconds {
  // Whole milliseconds: a fraction, added to a moment, could round to a margin that has not begun when it begins.
  return milliseconds(Math.floor(Math.min(atMost, lifetimeOf(session) * fractionOfLifetime)));
}

const lifetimeOf = ({ accessExpiresAt, refreshedAt }: StoredSession): number =>
  Math.max(0, accessExpiresAt - refreshedAt);

/**
 * Judges an access token on this device's clock. `needed` is how much longer it must live for the caller, if more than
 * usual. Of a token from the future (the clock was set back) nobody knows how old it is: it is what there is, if no refresh
 * brings a better one.
 */
export function freshness(
  session: StoredSession,
  now: Milliseconds,
  limits: { margin: RefreshMargin; needed?: Milliseconds },
): Freshness {
  const left = session.accessExpiresAt - now;
  const margin = marginOf(session, limits.margin);
  if (left <= 0) return 'expired';
  if (now < session.usableFrom && session.usableFrom > session.refreshedAt) return 'early';
  const isOfTheFuture = now < session.refreshedAt - leastInterval;
  if (isOfTheFuture || left <= Math.max(Math.min(urgentAtMost, margin / 2), limits.needed ?? 0)) return 'urgent';
  return left <= margin ? 'ageing' : 'fresh';
}

/** When the margin of a session begins. */
export function marginBegins(session: StoredSession, margin: RefreshMargin): Milliseconds {
  return milliseconds(session.accessExpiresAt - marginOf(session, margin));
}

/**
 * How long to wait after the n-th failure in a row: anything up to a doubling bound ("full jitter"), so that a fleet of
 * clients does not come back in step. At least a second, at most a minute, and never before the server asked.
 */
export function backoff(failures: number, fraction: number, retryAfter: Milliseconds): Milliseconds {
  const bound = Math.min(longestBackoff, leastInterval * 2 ** failures);
  // Whole: a browser's timer drops the fraction, and would wake the session too early again and again.
  return milliseconds(Math.max(leastInterval, Math.ceil(bound * fraction), retryAfter));
}

/**
 * The earliest moment for the next send, given the recent ones (oldest first) and the last refresh of any tab. Many in a row
 * slow down: a tab that had used up its minute in half of it would stand still just when the network is back.
 */
export function earliestSend(
  sends: readonly Milliseconds[],
  refreshedAt: Milliseconds,
  now: Milliseconds,
): Milliseconds {
  const others = refreshedAt <= now ? refreshedAt : -Infinity;
  const last = Math.max(sends[sends.length - 1] ?? -Infinity, others);
  const paid = sends.reduce((until, at) => Math.max(until, at) + pace, -Infinity);
  return milliseconds(Math.max(last + leastInterval, paid - (burst - 1) * pace));
}

/** Forgets the sends that no longer count: older than a minute, or of a clock that has since been set back. */
export function recentSends(sends: readonly Milliseconds[], now: Milliseconds): readonly Milliseconds[] {
  return sends.filter((at) => at > now - minute && at <= now);
}
