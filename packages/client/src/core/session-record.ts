import {
  type AccessTokenClaims,
  type Milliseconds,
  type TokenSet,
  type User,
  decodeAccessToken,
} from '@latchkey/protocol';

/**
 * How the idempotency key of a refresh is made, fixed at sign-in: from the profile's key in IndexedDB, from a number
 * written down before the request is sent, or from one that only this page knows.
 */
export type Tier = 'K' | 'intent' | 'memory';

/** Why a session ended, as the app hears it. */
export type SignedOutReason = 'user' | 'elsewhere' | 'refused' | 'expired' | 'inactive' | 'key_lost';

/** A refresh token that has been replaced, kept to walk up from when a database or a storage lost writes. */
export interface SupersededToken {
  readonly generation: number;
  readonly refreshToken: string;
}

/** A session as it is stored. Times are of this device's clock, in milliseconds since 1970. */
export interface StoredSession {
  readonly id: string;
  readonly generation: number;
  readonly accessToken: string;
  readonly refreshToken: string;
  /** When the request that brought the access token was about to be sent. */
  readonly refreshedAt: Milliseconds;
  /** From when on the access token is valid (a `nbf` later than its `iat`). */
  readonly usableFrom: Milliseconds;
  readonly accessExpiresAt: Milliseconds;
  /** When the session ends if nothing refreshes it; `null` where the backend does not say. */
  readonly sessionExpiresAt: Milliseconds | null;
  readonly user: User | null;
  readonly tier: Tier;
  /** False: gone when the last tab closes. */
  readonly remember: boolean;
  /** The last 8, oldest first. */
  readonly superseded: readonly SupersededToken[];
}

/** What IndexedDB holds for one session name. Fields that this version does not know survive its writes. */
export interface SessionRecord {
  readonly version: 1;
  /** Raised by every write. */
  readonly revision: number;
  /** Raised by every sign-in and sign-out; generations compare only within one. */
  readonly epoch: number;
  /** The token endpoint that the tokens belong to. */
  readonly endpoint: string;
  readonly session: StoredSession | null;
  /** The tombstone: which session was ended last, and why. */
  readonly ended: { readonly sessionId: string; readonly reason: SignedOutReason } | null;
  /** Refresh tokens of sessions that were signed out here and not yet on the server. */
  readonly unrevoked: readonly string[];
}

/** What a change must find to be made: compare-and-set. */
export interface Expected {
  readonly epoch: number;
  readonly sessionId: string;
  readonly refreshToken: string;
  /** Where the backend does not rotate, the count alone tells a thawed tab's old answer from news. */
  readonly generation: number;
}

/** What a change that starts from this record expects. */
export const expectedOf = (epoch: number, { id, refreshToken, generation }: StoredSession): Expected => ({
  epoch,
  sessionId: id,
  refreshToken,
  generation,
});

/** Tokens that a backend gave, with where in the session's life they stand. */
export interface IssuedTokens extends Omit<TokenSet, 'expiresIn' | 'refreshExpiresIn' | 'tokenType'> {
  readonly sessionId: string;
  /** `undefined` for backends that do not count: the record's own count is raised. */
  readonly generation: number | undefined;
  readonly refreshedAt: Milliseconds;
  readonly usableFrom: Milliseconds;
  readonly accessExpiresAt: Milliseconds;
  readonly sessionExpiresAt: Milliseconds | null;
}

/** Everything that can happen to a record. */
export type RecordChange =
  | { readonly kind: 'tokens'; readonly expected: Expected; readonly tokens: IssuedTokens }
  | {
      readonly kind: 'refused';
      readonly expected: Expected;
      readonly reason: SignedOutReason;
      /** The server does not know that it is over. */
      readonly revoke: boolean;
    }
  | { readonly kind: 'user'; readonly epoch: number; readonly sessionId: string; readonly user: User }
  | {
      readonly kind: 'signed-in';
      readonly endpoint: string;
      readonly tokens: IssuedTokens;
      readonly tier: Tier;
      readonly remember: boolean;
    }
  | {
      readonly kind: 'signed-out';
      readonly reason: SignedOutReason;
      readonly sessionId: string;
      readonly revoke: boolean;
    }
  | { readonly kind: 'adopted'; readonly endpoint: string; readonly tokens: IssuedTokens; readonly tier: Tier }
  | { readonly kind: 'revoked'; readonly refreshToken: string };

/** The record after a change, and whether the change was made. */
export interface ChangeOutcome {
  readonly record: SessionRecord | undefined;
  readonly won: boolean;
}

const keptTokens = 8;

/**
 * Applies a change to the record that storage holds now. Runs inside the storage's transaction, in whichever tab; a
 * change whose expectation no longer holds changes nothing (`won: false`), and the caller goes on from what is there.
 */
export function applyChange(current: SessionRecord | undefined, change: RecordChange): ChangeOutcome {
  const next = changed(current, change);
  if (next === undefined) return { record: current, won: false };
  return { record: { ...current, ...next, version: 1, revision: (current?.revision ?? 0) + 1 }, won: true };
}

type NextRecord = Omit<SessionRecord, 'version' | 'revision'>;

function changed(current: SessionRecord | undefined, change: RecordChange): NextRecord | undefined {
  switch (change.kind) {
    case 'signed-in':
      return current && current.endpoint !== change.endpoint ? undefined : signedIn(current, change);
    case 'adopted':
      return adopted(current, change);
    case 'tokens':
      return current && holds(current, change.expected) ? withTokens(current, change.tokens) : undefined;
    case 'refused':
      return current && holds(current, change.expected) ? ended(current, change.reason, change.revoke) : undefined;
    case 'user':
      return current?.session && current.epoch === change.epoch && current.session.id === change.sessionId
        ? { ...current, session: { ...current.session, user: change.user } }
        : undefined;
    case 'signed-out':
      return current?.session?.id === change.sessionId ? ended(current, change.reason, change.revoke) : undefined;
    case 'revoked':
      return current?.unrevoked.includes(change.refreshToken)
        ? { ...current, unrevoked: current.unrevoked.filter((token) => token !== change.refreshToken) }
        : undefined;
  }
}

/** A sign-in replaces whatever is there of its own endpoint: another session, a tombstone, nothing. */
function signedIn(
  current: SessionRecord | undefined,
  { endpoint, tokens, tier, remember }: { endpoint: string; tokens: IssuedTokens; tier: Tier; remember: boolean },
): NextRecord {
  const { refreshToken, generation, user, sessionId, ...times } = tokens;
  const session: StoredSession = {
    ...times,
    id: sessionId,
    generation: generation ?? 0,
    refreshToken: refreshToken ?? '',
    user: user ?? null,
    tier,
    remember,
    superseded: [],
  };
  const { epoch, unrevoked } = current ?? { epoch: 0, unrevoked: [] };
  return { endpoint, epoch: epoch + 1, unrevoked, session, ended: null };
}

/** Tokens of an app's old keys: taken where there is no record, not even a tombstone, and over a session when newer. */
function adopted(
  current: SessionRecord | undefined,
  { endpoint, tokens, tier }: Extract<RecordChange, { kind: 'adopted' }>,
): NextRecord | undefined {
  if (!current) return signedIn(current, { endpoint, tokens, tier, remember: true });
  const { session } = current;
  if (!session || current.endpoint !== endpoint || !isNews(session, tokens)) return undefined;
  // A backend that does not count says nothing of sessions either: then the same person is the same session.
  const person = personOf(tokens);
  const same =
    tokens.generation === undefined
      ? person !== undefined && person === personOf(session)
      : session.id === tokens.sessionId;
  // The old keys know less of the same person than the record does.
  if (same) return withTokens(current, { ...tokens, user: undefined });
  return signedIn(current, { endpoint, tokens, tier, remember: session.remember });
}

/**
 * Newer by the server's own word; where that says nothing, whatever has not been replaced here. What only differs may be
 * old, when the old keys could not be kept in step, and an old token would end the session.
 */
function isNews({ accessToken, refreshToken, superseded }: StoredSession, tokens: IssuedTokens): boolean {
  const [before, after] = [claimsOf(accessToken).iat, claimsOf(tokens.accessToken).iat];
  if (before !== undefined && after !== undefined && before !== after) return after > before;
  return [refreshToken, ...superseded.map((one) => one.refreshToken)].every((known) => known !== tokens.refreshToken);
}

/** Gives who claims are about, by their own word: `sub`, or SimpleJWT's `user_id`; `undefined` where they say neither. */
export function personIn(claims: AccessTokenClaims | undefined): string | undefined {
  const person = claims?.sub ?? claims?.['user_id'];
  return typeof person === 'string' || typeof person === 'number' ? String(person) : undefined;
}

/** Who an access token is for. */
export const personOf = (session: { accessToken: string } | null | undefined): string | undefined =>
  personIn(claimsOf(session?.accessToken ?? ''));

const claimsOf = (accessToken: string): AccessTokenClaims => decodeAccessToken(accessToken)?.claims ?? {};

function holds({ epoch, session }: SessionRecord, expected: Expected): boolean {
  return (
    epoch === expected.epoch &&
    session?.id === expected.sessionId &&
    session.refreshToken === expected.refreshToken &&
    session.generation === expected.generation
  );
}

/** After a walk up from a failover, what was above it is of a future that was lost: nothing leads there any more. */
function withTokens(current: SessionRecord, tokens: IssuedTokens): NextRecord | undefined {
  const { session } = current;
  if (!session) return undefined;
  const { accessToken, refreshedAt, usableFrom, accessExpiresAt, sessionExpiresAt } = tokens;
  const { refreshToken = session.refreshToken, generation, user } = tokens;
  const next = generation ?? session.generation + 1;
  const replaced = { generation: session.generation, refreshToken: session.refreshToken };
  return {
    ...current,
    session: {
      ...session,
      accessToken,
      refreshedAt,
      usableFrom,
      accessExpiresAt,
      sessionExpiresAt: sessionExpiresAt ?? session.sessionExpiresAt,
      refreshToken,
      generation: next,
      user: user ?? session.user,
      superseded:
        refreshToken === session.refreshToken
          ? session.superseded
          : [...session.superseded, replaced].filter((token) => token.generation < next).slice(-keptTokens),
    },
  };
}

/** The tombstone names the session that it ends, so that a late answer for it cannot bring it back. */
function ended(current: SessionRecord, reason: SignedOutReason, revoke: boolean): NextRecord {
  const { session, unrevoked } = current;
  return {
    ...current,
    epoch: current.epoch + 1,
    session: null,
    ended: { sessionId: session?.id ?? '', reason },
    unrevoked: revoke && session ? [...unrevoked, session.refreshToken] : unrevoked,
  };
}
