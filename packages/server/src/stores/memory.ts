import { endedBecause, type SessionRow } from '../core/session-row.js';
import { rotated } from '../core/rotation.js';
import { StoreUnavailableError } from '../errors.js';
import type { AuditRecord, AuthorisedSession, Revocation, Rotation, SessionStore, Store } from '../ports.js';
import type { UserRow } from '../ports.js';
import { memoryOneTimeTokens } from './memory-one-time-tokens.js';
import { type MemoryTables, type Step, changeUser, memoryThrottle, memoryUsers } from './memory-users.js';

/** A store that ends with the process: for tests alone. */
export interface MemoryStore extends Store {
  /** The audit lines written so far. */
  readonly audit: readonly AuditRecord[];
  /** Makes every call fail as if the database were gone, until it is called with `false`. */
  setOutage(isOut: boolean): void;
}

/** Makes an empty store. */
export function memoryStore(): MemoryStore {
  const tables: MemoryTables = {
    users: new Map(),
    sessions: new Map(),
    counters: new Map(),
    oneTimeTokens: new Map(),
    audit: [],
  };
  let isOut = false;
  const step: Step = (work) =>
    new Promise((resolve) => {
      if (isOut) throw new StoreUnavailableError('The memory store was told to be out.');
      resolve(work());
    });
  return {
    sessions: memorySessions(tables, step),
    users: memoryUsers(tables, step),
    throttle: memoryThrottle(tables, step),
    oneTimeTokens: memoryOneTimeTokens(tables, step, (userId, now) => {
      rowsOf(tables).endAll(userId, { reason: 'password_reset', now });
    }),
    audit: tables.audit,
    setOutage(value) {
      isOut = value;
    },
    migrate: () => step(() => ({ applied: [] })),
    ready: () => step(() => undefined),
    close: () => Promise.resolve(),
  };
}

function memorySessions(tables: MemoryTables, step: Step): SessionStore {
  const { users, sessions } = tables;
  const rows = rowsOf(tables);
  return {
    create: (session, { credentialVersion, replaces }) =>
      step(() => {
        if (users.get(session.userId)?.credentialVersion !== credentialVersion) return undefined;
        sessions.set(session.id, newRow(session));
        if (replaces !== undefined) rows.end({ sessionId: replaces, reason: 'replaced', now: session.createdAt });
        return rows.read(session.id);
      }),
    rotate: (rotation) => step(() => rows.rotate(rotation)),
    find: (id) => step(() => rows.read(id)),
    listByUser: (userId, now) =>
      step(() =>
        [...sessions.values()]
          .filter((row) => row.userId === userId && !endedBecause(row, now))
          .sort((a, b) => b.createdAt - a.createdAt || (a.id < b.id ? -1 : 1)),
      ),
    revoke: (revocation) => step(() => rows.end(revocation)),
    revokeAll: (userId, reason, now) =>
      step(() => {
        changeUser(users, userId, (user) => ({ ...user, epoch: user.epoch + 1 }));
        return rows.endAll(userId, { reason, now });
      }),
    changePassword: (change) =>
      step(() => {
        const user = users.get(change.userId);
        const row = sessions.get(change.sessionId);
        if (user?.credentialVersion !== change.credentialVersion || row?.revokedAt !== null) return undefined;
        if (change.rotation && !rotateRow(row, change.rotation)) return undefined;
        const { epoch, credentialVersion } = user;
        const { passwordHash, now, rotation, sessionId } = change;
        users.set(user.id, { ...user, passwordHash, epoch: epoch + 1, credentialVersion: credentialVersion + 1 });
        rows.endAll(user.id, { reason: 'password_changed', now }, sessionId);
        return rotation ? rows.rotate(rotation) : rows.read(sessionId);
      }),
  };
}

/** The steps that several methods share. */
function rowsOf({ users, sessions, audit }: MemoryTables) {
  const read = (id: string): AuthorisedSession | undefined => {
    const session = sessions.get(id);
    const user = session && users.get(session.userId);
    return user && { session, user: pickUser(user) };
  };
  const rotate = (rotation: Rotation): AuthorisedSession | undefined => {
    const next = rotateRow(sessions.get(rotation.sessionId), rotation);
    if (!next) return undefined;
    sessions.set(next.id, next);
    return read(next.id);
  };
  const end = (revocation: Revocation): boolean => {
    const row = sessions.get(revocation.sessionId);
    if (!row || !mayRevoke(row, revocation)) return false;
    sessions.set(row.id, { ...row, revokedAt: revocation.now, revokedReason: revocation.reason });
    if (revocation.audit) audit.push(revocation.audit);
    return true;
  };
  const endAll = (userId: string, how: Omit<Revocation, 'sessionId'>, except?: string): number => {
    const others = [...sessions.values()].filter((row) => row.userId === userId && row.id !== except);
    return others.filter((row) => end({ ...how, sessionId: row.id })).length;
  };
  return { read, rotate, end, endAll };
}

function newRow(session: Parameters<SessionStore['create']>[0]): SessionRow {
  const { createdAt } = session;
  const unused = { jkt: null, revokedAt: null, revokedReason: null };
  return { ...session, ...unused, generation: 0, chain: '', refreshedAt: createdAt, activeAt: createdAt };
}

function rotateRow(row: SessionRow | undefined, { request, now, ip, userAgent }: Rotation): SessionRow | undefined {
  if (row?.tokenHash !== request.tokenHash || row.keyId !== request.keyId || endedBecause(row, now)) return undefined;
  return { ...rotated(row, request, now), ip, userAgent };
}

function mayRevoke(row: SessionRow, { ifGeneration, ifUserId }: Revocation): boolean {
  if (row.revokedAt !== null) return false;
  return (ifGeneration ?? row.generation) === row.generation && (ifUserId ?? row.userId) === row.userId;
}

const pickUser = ({ id, username, profile, epoch }: UserRow): AuthorisedSession['user'] => ({
  id,
  username,
  profile,
  epoch,
});
