import { chainCapacity, chainEntryLength } from '../core/session-row.js';
import type { AuthorisedSession, PasswordChange, Revocation, Rotation, SessionStore } from '../ports.js';
import { type FlatRow, unflatten } from './flat-session.js';
import type { RawStatement, PostgresDatabase, Statements } from './postgres-database.js';
import { insertAudit, insertSession, raiseEpoch, revokeSession, selectLiveSessions } from './queries.js';
import { revokeSessionsOfUser, selectRevoked, selectUser, updatePassword } from './queries.js';

const columns = `s.id, s.user_id AS "userId", s.generation, s.token_hash AS "tokenHash", s.key_id AS "keyId", s.chain,
  s.jkt, s.created_at AS "createdAt", s.refreshed_at AS "refreshedAt", s.active_at AS "activeAt",
  s.idle_expires_at AS "idleExpiresAt", s.absolute_expires_at AS "absoluteExpiresAt", s.revoked_at AS "revokedAt",
  s.revoked_reason AS "revokedReason", s.user_agent AS "userAgent", s.ip, s.label, u.username, u.profile, u.epoch`;

/** The one statement of a rotation. It must do what `rotated` does; the store contract compares them. */
const rotateStatement: RawStatement = {
  name: 'latchkey_rotate',
  text: `UPDATE sessions AS s SET
    generation = s.generation + 1,
    chain = right(s.chain || s.token_hash || lpad(to_hex(s.key_id), 2, '0'), ${String(chainCapacity * chainEntryLength)}),
    token_hash = $3,
    key_id = $4::int,
    refreshed_at = $5::bigint,
    active_at = greatest(s.active_at, $6::bigint),
    idle_expires_at = least(s.absolute_expires_at,
      $7::bigint + CASE WHEN $8::boolean THEN greatest(s.active_at, $6::bigint) ELSE $5::bigint END),
    ip = $9,
    user_agent = $10
  FROM users AS u
  WHERE s.id = $1 AND s.token_hash = $2 AND s.key_id = $11::int AND u.id = s.user_id
    AND s.revoked_at IS NULL AND s.idle_expires_at > $5::bigint AND s.absolute_expires_at > $5::bigint
  RETURNING ${columns}`,
};

const findStatement: RawStatement = {
  name: 'latchkey_find',
  text: `SELECT ${columns} FROM sessions AS s JOIN users AS u ON u.id = s.user_id WHERE s.id = $1`,
};

/**
 * Sessions in PostgreSQL. After a lost connection a step runs again with the same parameters, and must then find what an
 * earlier try of its own may have done: `isRerun` says when to look. A rotation need not: the caller's `decide` finds it.
 */
export function postgresSessions(database: PostgresDatabase): SessionStore {
  const db = database.build;
  return {
    create: (session, { credentialVersion, replaces }) =>
      database.write(async (tx) => {
        const insert = insertSession(db, session, { credentialVersion, locksUser: true });
        const made = await tx.change(insert.onConflict((on) => on.doNothing()));
        // Its id is random: a row that has it is our own.
        if (made === 0 && !tx.isRerun) return undefined;
        const { createdAt: now } = session;
        if (made > 0 && replaces !== undefined) {
          await tx.change(revokeSession(db, { sessionId: replaces, reason: 'replaced', now }));
        }
        // One that was ended between two tries is not given out: its access token would carry the raised epoch.
        return ifLive(await read(tx, session.id));
      }),
    rotate: (rotation) => database.run((statements) => rotate(statements, rotation)),
    find: (id) => database.run((statements) => read(statements, id)),
    listByUser: (userId, now) => database.run(({ all }) => all(selectLiveSessions(db, userId, now))),
    revoke: (revocation) => revoke(database, revocation),
    revokeAll: (userId, reason, now) =>
      database.write(async (tx) => {
        await tx.change(raiseEpoch(db, userId));
        const ended = await tx.change(revokeSessionsOfUser(db, userId, { reason, now }));
        if (!tx.isRerun) return ended;
        return (await tx.all(selectRevoked(db, { user_id: userId }, { reason, now }))).length;
      }),
    changePassword: (change) =>
      database.write(
        (tx) => changePassword(tx, database, change),
        (result) => result !== undefined,
      ),
  };
}

async function read({ raw }: Statements, id: string): Promise<AuthorisedSession | undefined> {
  return unflatten((await raw<FlatRow>(findStatement, [id]))[0]);
}

async function rotate({ raw }: Statements, rotation: Rotation): Promise<AuthorisedSession | undefined> {
  const { sessionId, request, now, ip, userAgent } = rotation;
  const { tokenHash, keyId, successorHash, mintingKeyId, activeAt, idle } = request;
  const byActivity = idle.countedFrom === 'activity';
  const written = [successorHash, mintingKeyId, now, activeAt, idle.idleSeconds, byActivity, ip, userAgent, keyId];
  return unflatten((await raw<FlatRow>(rotateStatement, [sessionId, tokenHash, ...written]))[0]);
}

function revoke(database: PostgresDatabase, revocation: Revocation): Promise<boolean> {
  const { audit, sessionId } = revocation;
  const db = database.build;
  const work = async (statements: Statements): Promise<boolean> => {
    if ((await statements.change(revokeSession(db, revocation))) > 0) {
      if (audit) await statements.change(insertAudit(db, audit));
      return true;
    }
    if (!statements.isRerun) return false;
    return (await statements.all(selectRevoked(db, { id: sessionId }, revocation))).length > 0;
  };
  // One statement is its own transaction, and saves two round trips.
  return audit ? database.write(work) : database.run(work);
}

async function changePassword(
  tx: Statements,
  { build: db }: PostgresDatabase,
  change: PasswordChange,
): Promise<AuthorisedSession | undefined> {
  const { userId, sessionId, now, rotation } = change;
  if ((await tx.change(updatePassword(db, change))) === 0) {
    if (!tx.isRerun) return undefined;
    // The hash has a salt: where it stands, an earlier try of ours has written it, and all the rest with it.
    const [user] = await tx.all(selectUser(db, 'id', userId));
    return user?.passwordHash === change.passwordHash ? ifLive(await read(tx, sessionId)) : undefined;
  }
  await tx.change(revokeSessionsOfUser(db, userId, { reason: 'password_changed', now, except: sessionId }));
  return ifLive(rotation ? await rotate(tx, rotation) : await read(tx, sessionId));
}

const ifLive = (found: AuthorisedSession | undefined): AuthorisedSession | undefined =>
  found?.session.revokedAt === null ? found : undefined;
