import type { EpochSeconds } from '@latchkey/protocol';
import type { RevocationReason } from '../core/session-row.js';

/** The tables, as Kysely reads them. Names on disk are snake_case. */
export interface Tables {
  users: UsersTable;
  sessions: SessionsTable;
  throttle_counters: ThrottleCountersTable;
  audit_events: AuditEventsTable;
}

interface UsersTable {
  id: string;
  username: string;
  password_hash: string | null;
  profile: string;
  epoch: number;
  credential_version: number;
  created_at: EpochSeconds;
}

interface SessionsTable {
  id: string;
  user_id: string;
  generation: number;
  token_hash: string;
  key_id: number;
  chain: string;
  jkt: string | null;
  created_at: EpochSeconds;
  refreshed_at: EpochSeconds;
  active_at: EpochSeconds;
  idle_expires_at: EpochSeconds;
  absolute_expires_at: EpochSeconds;
  revoked_at: EpochSeconds | null;
  revoked_reason: RevocationReason | null;
  user_agent: string;
  ip: string;
  label: string | null;
}

interface ThrottleCountersTable {
  key: string;
  attempts: number;
  ends_at: EpochSeconds;
}

interface AuditEventsTable {
  id: string;
  at: EpochSeconds;
  type: string;
  user_id: string;
  session_id: string;
  request_id: string;
  details: string;
}

/** One step of the database's shape. Forward-only: a published one is never edited. */
export interface Migration {
  readonly name: string;
  /** Portable between SQLite and PostgreSQL. */
  readonly statements: readonly string[];
}

/**
 * All steps, in order. No index stands on a column that a refresh changes: it would cost PostgreSQL its heap-only
 * updates, and SQLite a second B-tree write a refresh.
 */
export const migrations: readonly Migration[] = [
  {
    name: '0001-users-and-sessions',
    statements: [
      `CREATE TABLE users (
        id text NOT NULL PRIMARY KEY,
        username text NOT NULL UNIQUE,
        password_hash text,
        profile text NOT NULL,
        epoch bigint NOT NULL DEFAULT 0,
        credential_version bigint NOT NULL DEFAULT 0,
        created_at bigint NOT NULL
      )`,
      `CREATE TABLE sessions (
        id text NOT NULL PRIMARY KEY,
        user_id text NOT NULL,
        generation bigint NOT NULL,
        token_hash text NOT NULL,
        key_id integer NOT NULL,
        chain text NOT NULL,
        jkt text,
        created_at bigint NOT NULL,
        refreshed_at bigint NOT NULL,
        active_at bigint NOT NULL,
        idle_expires_at bigint NOT NULL,
        absolute_expires_at bigint NOT NULL,
        revoked_at bigint,
        revoked_reason text,
        user_agent text NOT NULL,
        ip text NOT NULL,
        label text
      )`,
      'CREATE INDEX sessions_by_user ON sessions (user_id)',
      `CREATE TABLE throttle_counters (
        key text NOT NULL PRIMARY KEY,
        attempts bigint NOT NULL,
        ends_at bigint NOT NULL
      )`,
      'CREATE INDEX throttle_counters_by_end ON throttle_counters (ends_at)',
      `CREATE TABLE audit_events (
        id text NOT NULL PRIMARY KEY,
        at bigint NOT NULL,
        type text NOT NULL,
        user_id text NOT NULL,
        session_id text NOT NULL,
        request_id text NOT NULL,
        details text NOT NULL
      )`,
    ],
  },
];
