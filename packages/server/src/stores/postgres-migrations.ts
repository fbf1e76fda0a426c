import { setTimeout as pause } from 'node:timers/promises';
import { StoreUnavailableError } from '../errors.js';
import type { PostgresDatabase, Statements } from './postgres-database.js';
import { codeOf } from './postgres-errors.js';
import { dueMigrations, migrationsTable } from './shape.js';

/** Any number that no other program locks: "latchkey" in ASCII, cut to what a number holds exactly. */
const lockKey = 0x6c_61_74_63_68_6b;

/** PostgreSQL's code for a lock that did not become free in time. */
const lockNotAvailable = '55P03';

/** A day, in milliseconds: for ever, as far as a migration goes. */
const patience = 86_400_000;

/** What migrating came to: the names of the steps that were taken. */
interface Migrated {
  readonly applied: readonly string[];
}

/** Our choice: with pauses as long as the waits, a report of half a minute is sat out. */
const mostTries = 6;

/**
 * Takes the steps that are due, in one transaction. Of several nodes that start at once one works, the others wait for it
 * and find it done. A step that needs a table which a long transaction uses waits `lockTimeout` milliseconds for it, for
 * all who come after wait behind it; then it lets them through and tries again.
 * @throws StoreUnavailableError when the database was made by a newer version, or a table stays locked
 */
export async function migratePostgres(database: PostgresDatabase, lockTimeout = 3000): Promise<Migrated> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await takeDueSteps(database, lockTimeout);
    } catch (error) {
      const isLocked = error instanceof StoreUnavailableError && codeOf(error.cause) === lockNotAvailable;
      if (!isLocked || tries === mostTries) throw error;
      await pause(lockTimeout);
    }
  }
}

function takeDueSteps(database: PostgresDatabase, lockTimeout: number): Promise<Migrated> {
  return database.write(async ({ raw }) => {
    // A step, and the wait for another node's, may take longer than a request would wait.
    const run = (text: string) => raw({ text, query_timeout: patience });
    // Serializable would see the database as it was before the wait for the other node.
    await run('SET TRANSACTION ISOLATION LEVEL READ COMMITTED');
    await run('SET LOCAL statement_timeout = 0');
    await run('SET LOCAL lock_timeout = 0');
    await run(`SELECT pg_advisory_xact_lock(${String(lockKey)})`);
    await run(migrationsTable);
    await run(`SET LOCAL lock_timeout = ${String(lockTimeout)}`);
    const due = dueMigrations(await namesIn(raw));
    for (const { name, statements, postgres = [] } of due) {
      for (const text of [...statements, ...postgres]) await run(text);
      await raw({ text: 'INSERT INTO latchkey_migrations (name) VALUES ($1)' }, [name]);
    }
    return { applied: due.map(({ name }) => name) };
  });
}

/** The names of the steps that were taken; `undefined` if nothing has ever been made there. */
export function appliedMigrations(database: PostgresDatabase): Promise<Set<string> | undefined> {
  return database.run(async ({ raw }) => {
    const text = `SELECT to_regclass('latchkey_migrations') IS NOT NULL AS "isThere"`;
    const [table] = await raw<{ isThere: boolean }>({ text });
    return table?.isThere ? namesIn(raw) : undefined;
  });
}

async function namesIn(raw: Statements['raw']): Promise<Set<string>> {
  const rows = await raw<{ name: string }>({ text: 'SELECT name FROM latchkey_migrations' });
  return new Set(rows.map(({ name }) => name));
}
