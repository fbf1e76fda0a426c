import Database from 'better-sqlite3';
import { Pool } from 'pg';

const poolSize = 10;

const update = (
  p,
  from = '',
) => `UPDATE sessions SET generation = generation + 1, token_hash = ${p('next')}, key_id = 1,
  chain = substr(chain || token_hash || '01', 46), refreshed_at = ${p('now')}, idle_expires_at = ${p('now')} + 2592000${from}
  WHERE sessions.id = ${p('id')} AND token_hash = ${p('old')} AND revoked_at IS NULL AND idle_expires_at > ${p('now')}`;
const columns = 'generation, user_id, created_at, idle_expires_at';

/** The compare-and-set of the floor. */
export const openRows = {
  /** One transaction for each turn of the event loop, durable before it is answered. */
  sqlite(path) {
    const database = new Database(path, { timeout: 2000 });
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    const user = ['username', 'profile', 'epoch'].map(
      (name) => `(SELECT ${name} FROM users WHERE id = user_id) ${name}`,
    );
    const rotate = database.prepare(`${update((name) => `@${name}`)} RETURNING ${columns}, ${user}`);
    const commit = database.transaction((jobs) => jobs.map(({ values }) => rotate.get(values)));
    let waiting = [];
    const flush = () => {
      const jobs = waiting;
      waiting = [];
      try {
        commit.immediate(jobs).forEach((row, at) => jobs[at].resolve(row));
      } catch (error) {
        jobs.forEach(({ reject }) => reject(error));
      }
    };
    return {
      rotate: (values) =>
        new Promise((resolve, reject) => {
          if (waiting.push({ values, resolve, reject }) === 1) setImmediate(flush);
        }),
    };
  },
  /** One prepared statement. The commit waits for the disk, as PostgreSQL does unless told not to. */
  postgres(connectionString) {
    const pool = new Pool({ connectionString, max: poolSize });
    const parameters = { id: '$1', old: '$2', next: '$3', now: '$4::bigint' };
    const user = ['username', 'profile', 'epoch'].map((name) => `users.${name}`);
    const text = `${update((name) => parameters[name], ' FROM users')} AND users.id = user_id
      RETURNING ${columns.replace('created_at', 'sessions.created_at')}, ${user}`;
    return {
      rotate: async ({ id, old, next, now }) =>
        (await pool.query({ name: 'rotate', text, values: [id, old, next, now] })).rows[0],
    };
  },
};
