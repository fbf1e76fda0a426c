import { join } from 'node:path';
import { openSqliteStore } from '@latchkey/server/sqlite';
import { fillPostgres, fillSqlite } from './rows.mjs';

/** SQLite files under `folder`. `prepare(rows)` makes one with so many sessions; the options of whoever is to use it. */
export function sqliteFiles({ folder, keyFile }) {
  let made = 0;
  return {
    name: 'SQLite',
    async prepare(rows) {
      const database = join(folder, `sessions-${++made}.db`);
      const store = openSqliteStore({ path: database });
      await store.migrate();
      await store.close();
      fillSqlite(database, rows);
      return { store: 'sqlite', database, keyFile };
    },
    close: () => Promise.resolve(),
  };
}

/** Databases of a PostgreSQL server of our own, durable as in production; gone at the end. */
export async function postgresDatabases({ keyFile }) {
  const { throwawayPostgres } = await import('@latchkey/server/testing');
  const { openPostgresStore } = await import('@latchkey/server/postgres');
  const postgres = await throwawayPostgres();
  return {
    name: `PostgreSQL ${postgres.version}`,
    async prepare(rows) {
      const database = await postgres.createDatabase();
      const store = openPostgresStore({ url: database });
      await store.migrate();
      await store.close();
      await fillPostgres(database, rows);
      return { store: 'postgres', database, keyFile };
    },
    close: () => postgres.stop(),
  };
}
