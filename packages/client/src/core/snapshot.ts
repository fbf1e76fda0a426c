import { type AccessTokenClaims, type Milliseconds, type User, decodeAccessToken } from '@latchkey/protocol';
import type { Tier } from './session-record.js';
import type { SessionState } from './session-state.js';

/** What the app sees of the session: immutable, replaced by real transitions only. */
export interface Snapshot<Profile = unknown> {
  /** `restoring` until the stored session, if any, has been read. */
  readonly status: 'restoring' | 'signed-in' | 'signed-out';
  readonly user: User<Profile> | undefined;
  /** What the access token says, unverified: for display; `undefined` for opaque tokens. */
  readonly claims: AccessTokenClaims | undefined;
  /** When the access token expires, on this device's clock. */
  readonly expiresAt: Milliseconds | undefined;
  readonly online: boolean;
  readonly tier: Tier | undefined;
}

/**
 * Draws the app's view of a state. Before the deciding record has been read, the copy is enough to paint with, unless
 * the session would be over by now.
 */
export function snapshotOf(state: SessionState, now: Milliseconds): Snapshot {
  const { record, known, online } = state;
  const stored = record?.session ?? undefined;
  const over = !known && now >= (stored?.sessionExpiresAt ?? Infinity);
  const session = over ? undefined : stored;
  return Object.freeze({
    status: session ? 'signed-in' : known ? 'signed-out' : 'restoring',
    user: session?.user ?? undefined,
    claims: session && decodeAccessToken(session.accessToken)?.claims,
    expiresAt: session?.accessExpiresAt,
    online,
    tier: session?.tier,
  });
}

/** Whether two states cannot but look the same: most inputs touch nothing that an app sees, and a view costs a decoding. */
export function looksTheSame(a: SessionState, b: SessionState): boolean {
  // Before the record is known the view depends on the time, too.
  return a.known && b.known && a.record === b.record && a.online === b.online;
}

/** Whether two snapshots look the same to an app; a re-read of the same record is no transition. */
export function sameSnapshot(a: Snapshot, b: Snapshot): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
