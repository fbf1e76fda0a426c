import type { Store } from '../ports.js';
import { dueMigrations, migrationsTable, shapeJudge } from './shape.js';
import { SqliteDatabase } from './sqlite-database.js';
import { sqliteOneTimeTokens } from './sqlite-one-time-tokens.js';
import { sqliteSessions } from './sqlite-sessions.js';
import { sqliteThrottle } from './sqlite-throttle.js';
import { sqliteUsers } from './sqlite-users.js';

/** A store in one SQLite file. */
export interface SqliteStore extends Store {
  /** The file, as it was given. */
  readonly path: string;
}

/**
 * Opens (and, if there is none, makes, with mode 0600) a database file; `:memory:` is a database that ends with the process. Call
 * `migrate` before the first use. Write-ahead log, `synchronous=FULL`: what was answered survives a power cut.
 * @throws StoreUnavailableError when the file cannot be opened
 */
export function openSqliteStore({ path }: { path: string }): SqliteStore {
  const database = new SqliteDatabase(path);
  const shape = shapeJudge();
  let parts: Pick<Store, 'sessions' | 'users' | 'throttle' | 'oneTimeTokens'> | undefined;
  // Statements of the hot path can be prepared only once the tables are there.
  const open = () =>
    (parts ??= {
      sessions: sqliteSessions(database),
      users: sqliteUsers(database),
      throttle: sqliteThrottle(database),
      oneTimeTokens: sqliteOneTimeTokens(database),
    });
  return {
    path,
    get sessions() {
      return open().sessions;
    },
    get users() {
      return open().users;
    },
    get throttle() {
      return open().throttle;
    },
    get oneTimeTokens() {
      return open().oneTimeTokens;
    },
    migrate: () => database.read(() => ({ applied: database.transact(() => applyMigrations(database)) })),
    ready: () => database.read(() => shape.judge(appliedMigrations(database))),
    close: () => database.read(() => database.close()),
  };
}

/** Inside one `BEGIN IMMEDIATE`, so of several processes one works and the others find it done. */
function applyMigrations(database: SqliteDatabase): string[] {
  database.execute(migrationsTable);
  const due = dueMigrations(appliedMigrations(database) ?? new Set());
  for (const { name, statements } of due) {
    statements.forEach((statement) => database.execute(statement));
    database.prepare<{ name: string }, never>('INSERT INTO latchkey_migrations (name) VALUES (@name)').run({ name });
  }
  return due.map(({ name }) => name);
}

function appliedMigrations(database: SqliteDatabase): Set<string> | undefined {
  const table = "SELECT 1 FROM sqlite_master WHERE name = 'latchkey_migrations'";
  if (!database.prepare(table).get({})) return undefined;
  const rows = database.prepare<object, { name: string }>('SELECT name FROM latchkey_migrations').all({});
  return new Set(rows.map(({ name }) => name));
}
