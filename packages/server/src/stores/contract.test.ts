import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import type { Store } from '../ports.js';
import { type ThrowawayPostgres, memoryStore, slowStore, storeContract, throwawayPostgres } from '../testing/index.js';
import { type PostgresStore, openPostgresStore } from './postgres.js';
import { openSqliteStore } from './sqlite.js';

let folder: string;
let postgres: ThrowawayPostgres;
let made = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-contract-'));
  // What survives a power cut is tested elsewhere; here it would cost minutes.
  postgres = await throwawayPostgres({ settings: { fsync: 'off' } });
}, 60_000);
afterAll(async () => {
  await postgres.stop();
  await rm(folder, { recursive: true });
});

async function openSqlite(): Promise<Store> {
  const store = openSqliteStore({ path: join(folder, `${String((made += 1))}.db`) });
  await store.migrate();
  return store;
}

/** One schema and one pool for all cases, emptied before each: hundreds of connections would take most of the time. */
function postgresOf(isolation: string): () => Promise<Store> {
  const schema = isolation.replace(' ', '_');
  const options = `-c search_path=${schema} -c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`;
  let store: PostgresStore | undefined;
  afterAll(() => store?.close());
  return async () => {
    if (!store) {
      await postgres.query(`CREATE SCHEMA ${schema}`);
      store = openPostgresStore({ url: `${postgres.url}?options=${encodeURIComponent(options)}` });
      await store.migrate();
    }
    const tables = ['users', 'sessions', 'throttle_counters', 'one_time_tokens', 'audit_events'];
    await postgres.query(tables.map((table) => `DELETE FROM ${schema}.${table};`).join(' '));
    return { ...store, close: () => Promise.resolve() };
  };
}

const stores: Readonly<Record<string, () => Promise<Store>>> = {
  memory: () => Promise.resolve(memoryStore()),
  sqlite: openSqlite,
  'postgres, read committed': postgresOf('read committed'),
  'postgres, repeatable read': postgresOf('repeatable read'),
  'postgres, serializable': postgresOf('serializable'),
};

for (const [index, [name, open]] of Object.entries(stores).entries()) {
  storeContract(name, open, { describe, it });
  storeContract(`${name}, slowed`, async () => slowStore(await open(), { seed: index + 1 }), { describe, it });
}
