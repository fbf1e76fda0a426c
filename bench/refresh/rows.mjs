import { hash } from 'node:crypto';
import { encodeRefreshToken, encodeRefreshTokenPayload } from '@latchkey/protocol';
import Database from 'better-sqlite3';
import pg from 'pg';

const sha256 = (text) => hash('sha256', text, 'buffer');
const lifetime = 365 * 86_400;
/** A session that has been refreshed often: rows that still grow would make the first refreshes dearer. */
const chain = `${hash('sha256', 'superseded', 'base64url')}01`.repeat(8);
const generation = 8;

/** Id and secret of the generated session of that number, and its user's id. */
function generated(at) {
  const id = sha256(`session ${at}`).subarray(0, 16).toString('base64url');
  return { id, secret: sha256(`secret ${at}`), userId: sha256(`user ${at}`).subarray(0, 16).toString('base64url') };
}

/** The refresh token of the generated session of that number. */
export function tokenOf(keys, at) {
  const { id: sessionId, secret } = generated(at);
  const keyId = keys.mintingKeyId;
  const payload = encodeRefreshTokenPayload({ keyId, sessionId, generation, secret });
  return encodeRefreshToken(payload, keys.refreshKey(keyId).tag(payload));
}

const userColumns = 'id, username, profile, created_at';
const sessionColumns =
  'id, user_id, generation, token_hash, key_id, chain, created_at, refreshed_at, active_at, idle_expires_at, ' +
  'absolute_expires_at, user_agent, ip';

/** Fills a migrated SQLite file with so many sessions, each of another user. */
export function fillSqlite(path, rows) {
  const database = new Database(path);
  database.pragma('synchronous = OFF');
  database.pragma('cache_size = -262144');
  const now = Math.floor(Date.now() / 1000);
  const insertUser = database.prepare(`INSERT INTO users (${userColumns}) VALUES (?, ?, ?, ${now})`);
  const insertSession = database.prepare(
    `INSERT INTO sessions (${sessionColumns}) VALUES (?, ?, ${generation}, ?, 1, '${chain}', ${now}, ${now}, ${now},
     ${now + lifetime}, ${now + lifetime}, 'bench', '127.0.0.1')`,
  );
  database.transaction(() => {
    for (let at = 0; at < rows; at++) {
      const { id, secret, userId } = generated(at);
      insertUser.run(userId, `user-${at}`, '{"name":"Ada"}');
      insertSession.run(id, userId, hash('sha256', secret, 'base64url'));
    }
  })();
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

/** The same in a migrated PostgreSQL database, by its own sha256. */
export async function fillPostgres(connectionString, rows) {
  const client = new pg.Client({ connectionString });
  const sha = (text) => `sha256(convert_to(${text}, 'UTF8'))`;
  const base64Url = (bytes) => `translate(rtrim(encode(${bytes}, 'base64'), '='), '+/', '-_')`;
  const id = (kind) => base64Url(`substr(${sha(`'${kind} ' || at`)}, 1, 16)`);
  const numbers = `generate_series(0, ${rows - 1}) AS at`;
  const now = Math.floor(Date.now() / 1000);
  await client.connect();
  try {
    await client.query(`INSERT INTO users (${userColumns})
      SELECT ${id('user')}, 'user-' || at, '{"name":"Ada"}', ${now} FROM ${numbers}`);
    await client.query(`INSERT INTO sessions (${sessionColumns})
      SELECT ${id('session')}, ${id('user')}, ${generation}, ${base64Url(`sha256(${sha("'secret ' || at")})`)}, 1,
        '${chain}', ${now}, ${now}, ${now}, ${now + lifetime}, ${now + lifetime}, 'bench', '127.0.0.1' FROM ${numbers}`);
    await client.query('VACUUM ANALYZE');
    await client.query('CHECKPOINT');
  } finally {
    await client.end();
  }
}
