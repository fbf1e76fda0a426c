import type { PostgresDatabase, Statements } from './postgres-database.js';
import { dueMigrations, migrationsTable } from './shape.js';

/** Any number that no other program locks: "latchkey" in ASCII, cut to what a number holds exactly. */
const lockKey = 0x6c_61_74_63_68_6b;

/** A day, in milliseconds: for ever, as far as a migration goes. */
const patience = 86_400_000;

/**
 * Takes the steps that are due, in one transaction. Of several nodes that start at once one works, the others wait for it
 * and find it done.
 * @throws StoreUnavailableError when the database was made by a newer version
 */
export function migratePostgres(database: PostgresDatabase): Promise<{ readonly applied: readonly string[] }> {
  return database.write(async ({ raw }) => {
    // A step, and the wait for another node's, may take longer than a request would wait.
    const run = (text: string) => raw({ text, query_timeout: patience });
    await run('SET LOCAL statement_timeout = 0');
    await run(`SELECT pg_advisory_xact_lock(${String(lockKey)})`);
    await run(migrationsTable);
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
