import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import type { EpochSeconds, Seconds } from '@latchkey/protocol';
import type { RefreshRequest } from '../../core/rotation.js';
import type { NewSession, Rotation, Store } from '../../ports.js';

/** One promise of the Store port, checked on an empty store. */
export type ContractCase = readonly [title: string, run: (store: Store) => Promise<void>];

/** When the cases begin. */
export const start = 1_800_000_000 as EpochSeconds;

/** So many seconds after the start. */
export const later = (seconds: number): EpochSeconds => (start + seconds) as EpochSeconds;

/** What the store keeps in place of a secret. */
export const sha = (text: string): string => createHash('sha256').update(text).digest('base64url');

/** Seconds of a day. */
const day = 86_400;

/** Adds a user at epoch and credential version 0. */
export async function addUser(store: Store, id = 'user-1'): Promise<void> {
  const user = { id, username: `name of ${id}`, passwordHash: 'hash-0', profile: '{"a":1}', createdAt: start };
  assert.equal(await store.users.create(user), true);
}

/** A session as sign-in would make it; its first token's hash is that of `id/0`. */
export function newSession(id: string, changes: Partial<NewSession> = {}): NewSession {
  return {
    id,
    userId: 'user-1',
    tokenHash: sha(`${id}/0`),
    keyId: 1,
    createdAt: start,
    idleExpiresAt: later(30 * day),
    absoluteExpiresAt: later(365 * day),
    userAgent: 'agent',
    ip: '192.0.2.1',
    label: null,
    ...changes,
  };
}

/** Adds a session of `user-1`. */
export async function addSession(store: Store, id: string, changes: Partial<NewSession> = {}): Promise<void> {
  assert.ok(await store.sessions.create(newSession(id, changes), { credentialVersion: 0 }));
}

type RotationChanges = Partial<Omit<Rotation, 'request'>> & {
  readonly request?: Partial<RefreshRequest>;
  /** Names the idempotency key: another one leads to another successor. */
  readonly branch?: string;
};

/** The rotation of session `id` from generation `from`. */
export function rotation(
  id: string,
  from: number,
  { request, branch = '', ...changes }: RotationChanges = {},
): Rotation {
  return {
    sessionId: id,
    now: later(100 * (from + 1)),
    ip: '192.0.2.2',
    userAgent: 'agent 2',
    ...changes,
    request: {
      keyId: 1,
      generation: from,
      tokenHash: sha(`${id}/${String(from)}`),
      successorHash: sha(`${id}/${String(from + 1)}${branch}`),
      mintingKeyId: 1,
      final: false,
      idle: { idleSeconds: (30 * day) as Seconds, countedFrom: 'refresh' },
      activeAt: later(100 * (from + 1)),
      ...request,
    },
  };
}
