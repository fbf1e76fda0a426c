import type { EpochSeconds, Milliseconds } from '@latchkey/protocol';
import type { RefreshRequest } from './core/rotation.js';
import type { RevocationReason, SessionRow } from './core/session-row.js';

/** The wall clock, in milliseconds since 1970. Tests move it. */
export interface Clock {
  now(): Milliseconds;
}

/** A source of unguessable bytes. */
export interface Random {
  bytes(length: number): Uint8Array;
}

/** Where log lines go; a pino logger fits. Only fields of an allow-list ever reach it. */
export interface Logger {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** One server secret of refresh tokens, in use behind two keys derived from it. */
export interface RefreshKey {
  /** The 16-byte tag of a token's payload. */
  tag(payload: Uint8Array): Uint8Array;
  /** The 32-byte secret of the successor of token `token` under idempotency key `key`. */
  derive(token: string, key: string): Uint8Array;
}

/** Signing keys and refresh secrets, ready for use; made by `loadKeys`. */
export interface Keys {
  /** `kid` of the key that signs now. */
  readonly signingKeyId: string;
  /** Signs with ES256; r ‖ s as base64url, 86 characters. @see RFC 7518 §3.4 */
  sign(input: string): string;
  /** Checks a signature by the key of that id; false for an unknown id. */
  verify(keyId: string, input: string, signature: Uint8Array): boolean;
  /** The public keys. @see RFC 7517 §5 */
  readonly jwks: { readonly keys: readonly object[] };
  /** Id of the secret that new refresh tokens are made with. */
  readonly mintingKeyId: number;
  /** A token with a higher id was made by a node that knows more than this one: 503, not a refusal. */
  readonly highestKeyId: number;
  refreshKey(id: number): RefreshKey | undefined;
}

/** Hashes passwords, a bounded number at a time. */
export interface PasswordHasher {
  hash(password: string): Promise<string>;
  /** Takes as long for `undefined` (no such user) as for a hash; then it answers false. */
  verify(password: string, hash: string | undefined): Promise<boolean>;
  /** Tells whether the hash was made with weaker parameters than those in force. */
  isOutdated(hash: string): boolean;
}

/** A user as the database has it. */
export interface UserRow {
  readonly id: string;
  /** Canonical: NFKC, trimmed, case-folded, without invisible characters. */
  readonly username: string;
  /** PHC string; `null` where somebody else checks the password. */
  readonly passwordHash: string | null;
  /** JSON text of an object. */
  readonly profile: string;
  /** Raised whenever all sessions of the user are ended at once. */
  readonly epoch: number;
  /** Raised by whatever makes an earlier password check void. */
  readonly credentialVersion: number;
  readonly createdAt: EpochSeconds;
  /** The e-mail address that the person has last shown to be theirs; `null` if none. */
  readonly verifiedEmail: string | null;
}

/** What an answer and an access token say of a user. */
export type AuthorisedUser = Pick<UserRow, 'id' | 'username' | 'profile' | 'epoch'>;

/** A session with its user, read or written in one statement. */
export interface AuthorisedSession {
  readonly session: SessionRow;
  readonly user: AuthorisedUser;
}

/** One line of the audit table. */
export interface AuditRecord {
  readonly id: string;
  readonly at: EpochSeconds;
  readonly type: string;
  readonly userId: string;
  readonly sessionId: string;
  readonly requestId: string;
  /** JSON text; no token, password or key. */
  readonly details: string;
}

/** What the one UPDATE of a rotation needs. @see rotated */
export interface Rotation {
  readonly sessionId: string;
  readonly request: RefreshRequest;
  readonly now: EpochSeconds;
  readonly ip: string;
  readonly userAgent: string;
}

/** A row as sign-in makes it: generation 0, nothing superseded, not revoked. */
export type NewSession = Pick<
  SessionRow,
  | 'id'
  | 'userId'
  | 'tokenHash'
  | 'keyId'
  | 'createdAt'
  | 'idleExpiresAt'
  | 'absoluteExpiresAt'
  | 'userAgent'
  | 'ip'
  | 'label'
>;

/** A session to be ended, and what to write beside it in the same transaction. */
export interface Revocation {
  readonly sessionId: string;
  readonly reason: RevocationReason;
  readonly now: EpochSeconds;
  /** Ends it only while it is of this generation (compare-and-set). */
  readonly ifGeneration?: number;
  /** Ends it only if it is this user's. */
  readonly ifUserId?: string;
  readonly audit?: AuditRecord;
}

/** A password change: one transaction, the user row first. */
export interface PasswordChange {
  readonly userId: string;
  /** The version at which the current password was checked; another one: nothing is written. */
  readonly credentialVersion: number;
  readonly passwordHash: string;
  readonly now: EpochSeconds;
  /** The session that stays. */
  readonly sessionId: string;
  /** How it is rotated; absent where a refresh with the same key has just done so. Not applied: nothing is written. */
  readonly rotation?: Rotation;
}

/**
 * Sessions. Every method is one atomic step, and its promise is settled only when the step is durable.
 * All throw StoreUnavailableError when the database cannot be reached: never a verdict on a session.
 */
export interface SessionStore {
  /**
   * Inserts a session by INSERT … SELECT from its user at the credential version that was checked, and ends the one it
   * replaces. `undefined`, and nothing written, if the user is at another version by now.
   */
  create(
    session: NewSession,
    at: { credentialVersion: number; replaces?: string },
  ): Promise<AuthorisedSession | undefined>;
  /** Rotates by one statement, if the row is live and holds the presented token; else `undefined`. */
  rotate(rotation: Rotation): Promise<AuthorisedSession | undefined>;
  /** Reads from the primary. */
  find(id: string): Promise<AuthorisedSession | undefined>;
  /** A user's sessions that have not ended, newest first. */
  listByUser(userId: string, now: EpochSeconds): Promise<SessionRow[]>;
  /** Ends one session; true if this call did. */
  revoke(revocation: Revocation): Promise<boolean>;
  /** Raises the user's epoch, then ends all of the user's sessions; how many this call ended. */
  revokeAll(userId: string, reason: RevocationReason, now: EpochSeconds): Promise<number>;
  /** Sets the password, raises epoch and credential version, ends all sessions but one and rotates that one. */
  changePassword(change: PasswordChange): Promise<AuthorisedSession | undefined>;
}

/** Users. Same promises as SessionStore. */
export interface UserStore {
  /** False, and nothing written, if the name is taken. */
  create(user: Pick<UserRow, 'id' | 'username' | 'passwordHash' | 'profile' | 'createdAt'>): Promise<boolean>;
  findByName(username: string): Promise<UserRow | undefined>;
  find(id: string): Promise<UserRow | undefined>;
  /**
   * Makes or renames the row that stands for a user whom the app's own table knows; its profile stays as it is. The
   * app's table decides who has a name: another row that still has it loses it.
   */
  mirror(user: Pick<UserRow, 'id' | 'username' | 'profile' | 'createdAt'>): Promise<UserRow>;
  /** Compare-and-set of the profile's JSON text. */
  updateProfile(userId: string, change: { expected: string; next: string }): Promise<boolean>;
  /** Replaces a hash by a stronger one of the same password; nothing if it has changed meanwhile. */
  rehash(userId: string, change: { expected: string; next: string }): Promise<boolean>;
}

/** A counter of attempts. @see judgeAttempt */
export interface ThrottleCounter {
  /** What is counted; never a name or an address in clear. */
  readonly key: string;
  readonly atMost: number;
  readonly perSeconds: number;
}

/** Counters of the sign-in throttle, shared by all nodes. */
export interface ThrottleStore {
  /**
   * Counts one attempt in each counter, in order, up to the first that is full. That one's end is answered, in seconds
   * since 1970; `undefined` when all had room.
   */
  count(counters: readonly ThrottleCounter[], now: EpochSeconds): Promise<EpochSeconds | undefined>;
  /** Takes one attempt back: it was not a failure. */
  forgive(counters: readonly ThrottleCounter[], now: EpochSeconds): Promise<void>;
}

/** What a one-time token is good for; nothing else. */
export type OneTimePurpose = 'reset_password' | 'verify_email';

/** A one-time token as the database has it. A user has at most one for each purpose. */
export interface OneTimeTokenRow {
  readonly userId: string;
  readonly purpose: OneTimePurpose;
  /** SHA-256 of the token's 32 bytes, base64url, 43 characters. */
  readonly tokenHash: string;
  /** Where it was mailed to: whoever has it reads mail there. */
  readonly email: string;
  /** The user's when it was made; a reset counts at no other, so that a password change makes it void. */
  readonly credentialVersion: number;
  /** Exclusive: at that second it is void. */
  readonly expiresAt: EpochSeconds;
  /** A used token is kept until it expires, so that a repetition can be told from a guess. */
  readonly usedAt: EpochSeconds | null;
}

/** A password reset: one transaction, the user row first. */
export interface PasswordReset {
  readonly tokenHash: string;
  readonly passwordHash: string;
  readonly now: EpochSeconds;
}

/** One-time tokens. Same promises as SessionStore. */
export interface OneTimeTokenStore {
  /** Keeps a token in place of the earlier one of that user and purpose, if any. */
  issue(token: Omit<OneTimeTokenRow, 'usedAt'>, now: EpochSeconds): Promise<void>;
  /** A token that has not expired, used or not. */
  find(purpose: OneTimePurpose, tokenHash: string, now: EpochSeconds): Promise<OneTimeTokenRow | undefined>;
  /** Uses the token up and notes its address as verified. False, and nothing written, unless it was good. */
  verifyEmail(tokenHash: string, now: EpochSeconds): Promise<boolean>;
  /**
   * Uses the token up, sets the password, notes the token's address as verified, raises epoch and credential version,
   * ends all of the user's sessions and makes the user's other one-time tokens void. False, and nothing written, unless
   * the token was good and the user is still at its credential version.
   */
  resetPassword(reset: PasswordReset): Promise<boolean>;
}

/** All that the server keeps. */
export interface Store {
  readonly sessions: SessionStore;
  readonly users: UserStore;
  readonly throttle: ThrottleStore;
  readonly oneTimeTokens: OneTimeTokenStore;
  /** Brings the database to this version's shape; safe to run again and by several nodes at once. */
  migrate(): Promise<{ readonly applied: readonly string[] }>;
  /** Resolves if the database answers and has this version's shape. @throws StoreUnavailableError when not */
  ready(): Promise<void>;
  close(): Promise<void>;
}
