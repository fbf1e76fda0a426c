import type { EpochSeconds } from '@latchkey/protocol';
import { chainCapacity, chainEntryLength } from '../core/session-row.js';
import type { AuthorisedSession, Rotation, SessionStore } from '../ports.js';
import { type FlatRow, unflatten } from './flat-session.js';
import { insertAudit, insertSession, raiseEpoch, revokeSession } from './queries.js';
import { revokeSessionsOfUser, selectLiveSessions, updatePassword } from './queries.js';
import type { SqliteDatabase } from './sqlite-database.js';

interface RotationParameters {
  id: string;
  tokenHash: string;
  keyId: number;
  successorHash: string;
  mintingKeyId: number;
  now: EpochSeconds;
  activeAt: EpochSeconds;
  slideFrom: number;
  byActivity: 0 | 1;
  idleSeconds: number;
  ip: string;
  userAgent: string;
}

const columns = `id, user_id AS userId, generation, token_hash AS tokenHash, key_id AS keyId, chain, jkt,
  created_at AS createdAt, refreshed_at AS refreshedAt, active_at AS activeAt, idle_expires_at AS idleExpiresAt,
  absolute_expires_at AS absoluteExpiresAt, revoked_at AS revokedAt, revoked_reason AS revokedReason,
  user_agent AS userAgent, ip, label`;

/** SQLite's RETURNING sees the updated table alone, so the user's part comes by sub-queries. */
const userColumns = ['username', 'profile', 'epoch']
  .map((column) => `(SELECT ${column} FROM users WHERE users.id = user_id) AS ${column}`)
  .join(', ');

/** The one statement of a rotation. It must do what `rotated` does; the store contract compares them. */
const rotateSql = `UPDATE sessions SET
  generation = generation + 1,
  chain = substr(chain || token_hash || printf('%02x', key_id), ${String(-chainCapacity * chainEntryLength)}),
  token_hash = @successorHash,
  key_id = @mintingKeyId,
  refreshed_at = @now,
  active_at = max(active_at, @activeAt),
  idle_expires_at = min(absolute_expires_at, max(@slideFrom, active_at * @byActivity) + @idleSeconds),
  ip = @ip,
  user_agent = @userAgent
WHERE id = @id AND token_hash = @tokenHash AND key_id = @keyId
  AND revoked_at IS NULL AND idle_expires_at > @now AND absolute_expires_at > @now
RETURNING ${columns}, ${userColumns}`;

const findSql = `SELECT ${columns}, ${userColumns} FROM sessions WHERE id = @id`;

/** Sessions in SQLite. Refreshes run two statements prepared once; the rest is built by Kysely. */
export function sqliteSessions(database: SqliteDatabase): SessionStore {
  const statements = {
    rotate: database.prepare<RotationParameters, FlatRow>(rotateSql),
    find: database.prepare<{ id: string }, FlatRow>(findSql),
  };
  const db = database.build;
  const read = (id: string): AuthorisedSession | undefined => unflatten(statements.find.get({ id }));
  const rotate = (rotation: Rotation): AuthorisedSession | undefined =>
    unflatten(statements.rotate.get(rotationParameters(rotation)));

  return {
    create: (session, { credentialVersion, replaces }) =>
      database.write(() => {
        if (database.change(insertSession(db, session, { credentialVersion })) === 0) return undefined;
        const now = session.createdAt;
        if (replaces) database.change(revokeSession(db, { sessionId: replaces, reason: 'replaced', now }));
        return read(session.id);
      }),
    rotate: (rotation) => database.write(() => rotate(rotation)),
    find: (id) => database.read(() => read(id)),
    listByUser: (userId, now) => database.read(() => database.all(selectLiveSessions(db, userId, now))),
    revoke: (revocation) =>
      database.write(() => {
        const changed = database.change(revokeSession(db, revocation)) > 0;
        if (changed && revocation.audit) database.change(insertAudit(db, revocation.audit));
        return changed;
      }),
    revokeAll: (userId, reason, now) =>
      database.write(() => {
        database.change(raiseEpoch(db, userId));
        return database.change(revokeSessionsOfUser(db, userId, { reason, now }));
      }),
    changePassword: (change) =>
      database.write(() =>
        database.unlessUndefined(() => {
          if (database.change(updatePassword(db, change)) === 0) return undefined;
          const { userId, sessionId, now, rotation } = change;
          const how = { reason: 'password_changed', now, except: sessionId } as const;
          database.change(revokeSessionsOfUser(db, userId, how));
          const kept = rotation ? rotate(rotation) : read(sessionId);
          return kept?.session.revokedAt === null ? kept : undefined;
        }),
      ),
  };
}

function rotationParameters({ sessionId, request, now, ip, userAgent }: Rotation): RotationParameters {
  const byActivity = request.idle.countedFrom === 'activity';
  return {
    id: sessionId,
    tokenHash: request.tokenHash,
    keyId: request.keyId,
    successorHash: request.successorHash,
    mintingKeyId: request.mintingKeyId,
    now,
    activeAt: request.activeAt,
    slideFrom: byActivity ? request.activeAt : now,
    byActivity: byActivity ? 1 : 0,
    idleSeconds: request.idle.idleSeconds,
    ip,
    userAgent,
  };
}
