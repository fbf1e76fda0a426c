import { afterAll, beforeAll, expect, it } from 'vitest';
import { addUser, newSession, rotation, sha } from '../testing/contract/fixtures.js';
import { type ThrowawayPostgres, throwawayPostgres } from '../testing/index.js';
import { openPostgresStore } from './postgres.js';

let postgres: ThrowawayPostgres;
beforeAll(async () => {
  postgres = await throwawayPostgres({ settings: { fsync: 'off' } });
}, 60_000);
afterAll(() => postgres.stop(), 60_000);

const agent = `Mozilla/5.0 (Windows NT 10.0; Win64; x64) ${'like the others '.repeat(6)}`;
const idOf = (index: number) => sha(String(index)).slice(0, 22);

/** Fills the chains of so many sessions and goes on, as many at once as the pool has connections. */
async function rotateMany({ sessions, each }: { sessions: number; each: number }, url: string): Promise<void> {
  const store = openPostgresStore({ url });
  await store.migrate();
  await addUser(store);
  const ids = Array.from({ length: sessions }, (_, index) => idOf(index));
  for (const id of ids) await store.sessions.create(newSession(id, { userAgent: agent }), { credentialVersion: 0 });
  // People refresh in an order that has nothing to do with that of their sign-ins; that of the hashes is one.
  const inOtherOrder = [...ids].sort();
  for (let from = 0; from < each; from += 1) {
    const rows = await Promise.all(
      inOtherOrder.map((id) => store.sessions.rotate(rotation(id, from, { userAgent: agent }))),
    );
    expect(rows.every((row) => row?.session.generation === from + 1)).toBe(true);
  }
  // A connection reports what it has done at the latest when it ends.
  await store.close();
}

interface Counts {
  readonly updates: number;
  readonly hot: number;
}

async function countUpdates(url: string, expected: number): Promise<Counts> {
  const sql = `SELECT n_tup_upd::int AS updates, n_tup_hot_upd::int AS hot
    FROM pg_stat_user_tables WHERE relname = 'sessions' AND n_tup_upd >= ${String(expected)}`;
  for (;;) {
    const [row] = await postgres.query<Counts>(sql, url);
    if (row) return row;
  }
}

it('PostgreSQL makes at least 95 of 100 rotations as heap-only updates', { timeout: 60_000 }, async () => {
  const [sessions, each] = [200, 20];
  const url = await postgres.createDatabase();
  await rotateMany({ sessions, each }, url);
  const { updates, hot } = await countUpdates(url, sessions * each);
  console.log(`${String(updates)} rotations of ${String(sessions)} sessions, heap-only: ${(hot / updates).toFixed(4)}`);
  expect(hot / updates).toBeGreaterThanOrEqual(0.95);
});

it('sessions have no index on a column that a refresh changes', async () => {
  const url = await postgres.createDatabase();
  const store = openPostgresStore({ url });
  await store.migrate();
  await store.close();
  const columns = await postgres.query<{ name: string }>(
    `SELECT attname AS name FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = ANY (indkey)
      WHERE indrelid = 'sessions'::regclass ORDER BY attname`,
    url,
  );
  expect(columns.map(({ name }) => name)).toEqual(['id', 'user_id']);
});
