import { StoreUnavailableError } from '../errors.js';
import type { Store } from '../ports.js';
import { migrations } from './schema.js';
import { SqliteDatabase } from './sqlite-database.js';
import { sqliteSessions } from './sqlite-sessions.js';
import { sqliteThrottle } from './sqlite-throttle.js';
import { sqliteUsers } from './sqlite-users.js';

/** A store in one SQLite file. */
export interface SqliteStore extends Store {
  /** The file, as it was given. */
  readonly path: string;
}

const migrationsTable = 'CREATE TABLE IF NOT EXISTS latchkey_migrations (name text NOT NULL PRIMARY KEY)';

/**
 * Opens (and, if there is none, makes, with mode 0600) a database file; `:memory:` is a database that ends with the process. Call
 * `migrate` before the first use. Write-ahead log, `synchronous=FULL`: what was answered survives a power cut.
 * @throws StoreUnavailableError when the file cannot be opened
 */
export function openSqliteStore({ path }: { path: string }): SqliteStore {
  const database = new SqliteDatabase(path);
  let parts: Pick<Store, 'sessions' | 'users' | 'throttle'> | undefined;
  // Statements of the hot path can be prepared only once the tables are there.
  const open = () =>
    (parts ??= {
      sessions: sqliteSessions(database),
      users: sqliteUsers(database),
      throttle: sqliteThrottle(database),
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
    migrate: () => database.read(() => ({ applied: database.transact(() => applyMigrations(database)) })),
    ready: () => database.read(() => checkShape(database)),
    close: () => database.read(() => database.close()),
  };
}

/** Inside one `BEGIN IMMEDIATE`, so of several processes one works and the others find it done. */
function applyMigrations(database: SqliteDatabase): string[] {
  database.execute(migrationsTable);
  const done = appliedNames(database);
  const due = migrations.filter(({ name }) => !done.has(name));
  for (const { name, statements } of due) {
    statements.forEach((statement) => database.execute(statement));
    database.prepare<{ name: string }, never>('INSERT INTO latchkey_migrations (name) VALUES (@name)').run({ name });
  }
  return due.map(({ name }) => name);
}

function appliedNames(database: SqliteDatabase): Set<string> {
  const rows = database.prepare<object, { name: string }>('SELECT name FROM latchkey_migrations').all({});
  return new Set(rows.map(({ name }) => name));
}

function checkShape(database: SqliteDatabase): void {
  const done = appliedNames(database);
  const missing = migrations.filter(({ name }) => !done.has(name));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(', ');
    throw new StoreUnavailableError(`The database lacks ${names}. Run \`latchkey migrate\`.`);
  }
}
