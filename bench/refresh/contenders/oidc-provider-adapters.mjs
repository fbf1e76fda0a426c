import Database from 'better-sqlite3';

/** Everything in a Map. The adapter that comes with it keeps 1,000 entries and slows down with each rotation. */
export function memoryAdapter() {
  const rows = new Map();
  return (model) => ({
    upsert: async (id, payload) => void rows.set(`${model}:${id}`, payload),
    find: async (id) => rows.get(`${model}:${id}`),
    consume: async (id) => void (rows.get(`${model}:${id}`).consumed = Math.floor(Date.now() / 1000)),
    destroy: async (id) => void rows.delete(`${model}:${id}`),
    revokeByGrantId: async (grantId) => {
      for (const [key, row] of rows) if (row.grantId === grantId) rows.delete(key);
    },
  });
}

/** One table in a SQLite file, write-ahead log, `synchronous=NORMAL`: what was answered may be lost in a power cut. */
export function sqliteAdapter(path) {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = NORMAL');
  database.exec(`CREATE TABLE IF NOT EXISTS payloads (key text PRIMARY KEY, grant_id text, payload text NOT NULL,
    consumed integer, expires_at integer) WITHOUT ROWID`);
  database.exec('CREATE INDEX IF NOT EXISTS payloads_by_grant ON payloads (grant_id)');
  const upsert = database.prepare(`INSERT INTO payloads VALUES (?, ?, ?, NULL, ?) ON CONFLICT (key)
    DO UPDATE SET grant_id = excluded.grant_id, payload = excluded.payload, expires_at = excluded.expires_at`);
  const find = database.prepare('SELECT payload, consumed FROM payloads WHERE key = ? AND expires_at > ?');
  const consume = database.prepare('UPDATE payloads SET consumed = ? WHERE key = ?');
  const destroy = database.prepare('DELETE FROM payloads WHERE key = ?');
  const revoke = database.prepare('DELETE FROM payloads WHERE grant_id = ?');
  const now = () => Math.floor(Date.now() / 1000);
  return (model) => ({
    upsert: async (id, payload, expiresIn) =>
      void upsert.run(`${model}:${id}`, payload.grantId ?? null, JSON.stringify(payload), now() + expiresIn),
    find: async (id) => {
      const row = find.get(`${model}:${id}`, now());
      return row && { ...JSON.parse(row.payload), ...(row.consumed && { consumed: row.consumed }) };
    },
    consume: async (id) => void consume.run(now(), `${model}:${id}`),
    destroy: async (id) => void destroy.run(`${model}:${id}`),
    revokeByGrantId: async (grantId) => void revoke.run(grantId),
  });
}
