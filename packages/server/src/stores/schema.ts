import type { EpochSeconds } from '@latchkey/protocol';
import type { RevocationReason } from '../core/session-row.js';
import type { OneTimePurpose } from '../ports.js';

/** The tables, as Kysely reads them. Names on disk are snake_case. */
export interface Tables {
  users: UsersTable;
  sessions: SessionsTable;
  throttle_counters: ThrottleCountersTable;
  one_time_tokens: OneTimeTokensTable;
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
  verified_email: string | null;
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

interface OneTimeTokensTable {
  user_id: string;
  purpose: OneTimePurpose;
  token_hash: string;
  email: string;
  credential_version: number;
  expires_at: EpochSeconds;
  used_at: EpochSeconds | null;
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
  /** Portable between SQLite and PostgreSQL. They only ever add: a node of the version before goes on beside them. */
  readonly statements: readonly string[];
  /** What PostgreSQL is told beside them. */
  readonly postgres?: readonly string[];
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
    postgres: [
      // Keys are compared byte by byte. By the rules of a language an index would be slower, and wrong after an update of
      // the system's locales.
      ...['users.id', 'users.username', 'sessions.id', 'sessions.user_id', 'throttle_counters.key', 'audit_events.id']
        .map((name) => name.split('.'))
        .map(([table, column]) => `ALTER TABLE ${table} ALTER COLUMN ${column} TYPE text COLLATE "C"`),
      // Room for rows to grow in their page (a chain fills up to 360 characters) and for the next version of each.
      'ALTER TABLE sessions SET (fillfactor = 40)',
    ],
  },
  {
    name: '0002-one-time-tokens',
    statements: [
      'ALTER TABLE users ADD COLUMN verified_email text',
      `CREATE TABLE one_time_tokens (
        user_id text NOT NULL,
        purpose text NOT NULL,
        token_hash text NOT NULL UNIQUE,
        email text NOT NULL,
        credential_version bigint NOT NULL,
        expires_at bigint NOT NULL,
        used_at bigint,
        PRIMARY KEY (user_id, purpose)
      )`,
      'CREATE INDEX one_time_tokens_by_end ON one_time_tokens (expires_at)',
    ],
    postgres: [
      ...['user_id', 'purpose', 'token_hash'].map(
        (column) => `ALTER TABLE one_time_tokens ALTER COLUMN ${column} TYPE text COLLATE "C"`,
      ),
    ],
  },
];
