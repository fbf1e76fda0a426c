import type { EpochSeconds } from '@latchkey/protocol';
import type { Kysely } from 'kysely';
import type { AuditRecord, NewSession, Revocation, ThrottleCounter, UserRow } from '../ports.js';
import type { RevocationReason } from '../core/session-row.js';
import type { Tables } from './schema.js';

type Db = Kysely<Tables>;

/** The columns of a session row under our names. */
const sessionColumns = [
  'sessions.id',
  'sessions.user_id as userId',
  'sessions.generation',
  'sessions.token_hash as tokenHash',
  'sessions.key_id as keyId',
  'sessions.chain',
  'sessions.jkt',
  'sessions.created_at as createdAt',
  'sessions.refreshed_at as refreshedAt',
  'sessions.active_at as activeAt',
  'sessions.idle_expires_at as idleExpiresAt',
  'sessions.absolute_expires_at as absoluteExpiresAt',
  'sessions.revoked_at as revokedAt',
  'sessions.revoked_reason as revokedReason',
  'sessions.user_agent as userAgent',
  'sessions.ip',
  'sessions.label',
] as const;

const userColumns = [
  'id',
  'username',
  'password_hash as passwordHash',
  'profile',
  'epoch',
  'credential_version as credentialVersion',
  'created_at as createdAt',
  'verified_email as verifiedEmail',
] as const;

/**
 * Sign-in's insert: it finds its user only at the credential version that was checked. With `locksUser` it waits for
 * whoever is about to raise that version, and keeps others from it until its own commit.
 */
export function insertSession(
  db: Db,
  session: NewSession,
  { credentialVersion, locksUser = false }: { credentialVersion: number; locksUser?: boolean },
) {
  return db
    .insertInto('sessions')
    .columns([
      'id',
      'user_id',
      'generation',
      'token_hash',
      'key_id',
      'chain',
      'created_at',
      'refreshed_at',
      'active_at',
      'idle_expires_at',
      'absolute_expires_at',
      'user_agent',
      'ip',
      'label',
    ])
    .expression((build) =>
      build
        .selectFrom('users')
        .select([
          build.val(session.id).as('id'),
          'users.id as user_id',
          build.val(0).as('generation'),
          build.val(session.tokenHash).as('token_hash'),
          build.val(session.keyId).as('key_id'),
          build.val('').as('chain'),
          build.val(session.createdAt).as('created_at'),
          build.val(session.createdAt).as('refreshed_at'),
          build.val(session.createdAt).as('active_at'),
          build.val(session.idleExpiresAt).as('idle_expires_at'),
          build.val(session.absoluteExpiresAt).as('absolute_expires_at'),
          build.val(session.userAgent).as('user_agent'),
          build.val(session.ip).as('ip'),
          build.val(session.label).as('label'),
        ])
        .where('users.id', '=', session.userId)
        .where('users.credential_version', '=', credentialVersion)
        .$if(locksUser, (select) => select.forShare()),
    );
}

/** A user's sessions that have not ended, newest first. */
export function selectLiveSessions(db: Db, userId: string, now: EpochSeconds) {
  return db
    .selectFrom('sessions')
    .select(sessionColumns)
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null)
    .where('idle_expires_at', '>', now)
    .where('absolute_expires_at', '>', now)
    .orderBy('created_at', 'desc')
    .orderBy('id');
}

/** Ends one session, if it has not been ended and is what the caller took it for. */
export function revokeSession(db: Db, { sessionId, reason, now, ifGeneration, ifUserId }: Revocation) {
  let query = db
    .updateTable('sessions')
    .set({ revoked_at: now, revoked_reason: reason })
    .where('id', '=', sessionId)
    .where('revoked_at', 'is', null);
  if (ifGeneration !== undefined) query = query.where('generation', '=', ifGeneration);
  if (ifUserId !== undefined) query = query.where('user_id', '=', ifUserId);
  return query;
}

/** Ends a user's sessions, all or all but one. */
export function revokeSessionsOfUser(
  db: Db,
  userId: string,
  how: { reason: RevocationReason; now: EpochSeconds; except?: string },
) {
  const query = db
    .updateTable('sessions')
    .set({ revoked_at: how.now, revoked_reason: how.reason })
    .where('user_id', '=', userId)
    .where('revoked_at', 'is', null);
  return how.except === undefined ? query : query.where('id', '!=', how.except);
}

/** Sessions, by id or of a user, that were ended at that second for that reason. */
export function selectRevoked(
  db: Db,
  whose: { id: string } | { user_id: string },
  how: { reason: RevocationReason; now: EpochSeconds },
) {
  const [column, value] = 'id' in whose ? (['id', whose.id] as const) : (['user_id', whose.user_id] as const);
  return db
    .selectFrom('sessions')
    .select('id')
    .where(column, '=', value)
    .where('revoked_at', '=', how.now)
    .where('revoked_reason', '=', how.reason);
}

export function insertAudit(db: Db, record: AuditRecord) {
  const { userId, sessionId, requestId, ...rest } = record;
  return db
    .insertInto('audit_events')
    .values({ ...rest, user_id: userId, session_id: sessionId, request_id: requestId });
}

export function insertUser(db: Db, user: Pick<UserRow, 'id' | 'username' | 'passwordHash' | 'profile' | 'createdAt'>) {
  return db.insertInto('users').values({
    id: user.id,
    username: user.username,
    password_hash: user.passwordHash,
    profile: user.profile,
    epoch: 0,
    credential_version: 0,
    created_at: user.createdAt,
  });
}

/** Takes a name from whoever else has it; the id in its place is nobody's name, for it has upper-case letters or `~`. */
export function freeUsername(db: Db, { id, username }: Pick<UserRow, 'id' | 'username'>) {
  return db
    .updateTable('users')
    .set((build) => ({ username: build(build.val('~'), '||', build.ref('users.id')) }))
    .where('username', '=', username)
    .where('id', '!=', id);
}

export function selectUser(db: Db, column: 'id' | 'username', value: string) {
  return db.selectFrom('users').select(userColumns).where(column, '=', value);
}

export function raiseEpoch(db: Db, userId: string) {
  return db
    .updateTable('users')
    .set((build) => ({ epoch: build('epoch', '+', 1) }))
    .where('id', '=', userId);
}

/** The first statement of a password change: nothing else is written unless it changes the row. */
export function updatePassword(db: Db, change: { userId: string; credentialVersion: number; passwordHash: string }) {
  return db
    .updateTable('users')
    .set((build) => ({
      password_hash: change.passwordHash,
      epoch: build('epoch', '+', 1),
      credential_version: build('credential_version', '+', 1),
    }))
    .where('id', '=', change.userId)
    .where('credential_version', '=', change.credentialVersion);
}

/** Compare-and-set of one text column of a user. */
export function replaceUserText(
  db: Db,
  column: 'profile' | 'password_hash',
  change: { userId: string; expected: string; next: string },
) {
  return db
    .updateTable('users')
    .set({ [column]: change.next })
    .where('id', '=', change.userId)
    .where(column, '=', change.expected);
}

/** The end of the first counter that has no room, if any. */
export function selectCounters(db: Db, counters: readonly ThrottleCounter[], now: EpochSeconds) {
  const keys = counters.map(({ key }) => key);
  return db.selectFrom('throttle_counters').selectAll().where('key', 'in', keys).where('ends_at', '>', now);
}

/** Counts one attempt; a window that has run out begins anew. */
export function countAttempt(db: Db, counter: ThrottleCounter, now: EpochSeconds) {
  const endsAt = (now + counter.perSeconds) as EpochSeconds;
  return db
    .insertInto('throttle_counters')
    .values({ key: counter.key, attempts: 1, ends_at: endsAt })
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet((build) => ({
        attempts: build
          .case()
          .when('throttle_counters.ends_at', '<=', now)
          .then(1)
          .else(build('throttle_counters.attempts', '+', 1))
          .end(),
        ends_at: build
          .case()
          .when('throttle_counters.ends_at', '<=', now)
          .then(endsAt)
          .else(build.ref('throttle_counters.ends_at'))
          .end(),
      })),
    );
}

export function forgiveAttempt(db: Db, key: string) {
  return db
    .updateTable('throttle_counters')
    .set((build) => ({ attempts: build('attempts', '-', 1) }))
    .where('key', '=', key)
    .where('attempts', '>', 0);
}

/** Sweeps a few counters whose window has run out: a little with each attempt, never a long lock. */
export function deleteOldCounters(db: Db, now: EpochSeconds, { skipsLocked = false } = {}) {
  return db.deleteFrom('throttle_counters').where('key', 'in', (build) =>
    build
      .selectFrom('throttle_counters')
      .select('key')
      .where('ends_at', '<=', now)
      .limit(4)
      .$if(skipsLocked, (select) => select.forUpdate().skipLocked()),
  );
}
