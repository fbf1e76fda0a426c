import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAuthServer, generateKeys, loadKeys } from '@latchkey/server';
import { openSqliteStore } from '@latchkey/server/sqlite';
import Database from 'better-sqlite3';
import { interleaved } from './measure.mjs';

const clients = 32;
const roundMilliseconds = 1000;

/**
 * Refreshes per second of 32 clients, each durable on SQLite before it is answered, in-process and without HTTP; beside
 * it the bare work: two hashes, a signature and an UPDATE, 32 to a transaction.
 */
export async function refreshes() {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  const store = openSqliteStore({ path: join(folder, 'server.db') });
  const floor = openFloor(join(folder, 'floor.db'));
  try {
    await store.migrate();
    const keys = await loadKeys(await generateKeys());
    // Each client refreshes its one session without a pause.
    const throttle = { refreshPerSession: { atMost: 1_000_000, perSeconds: 1 } };
    const server = createAuthServer({ store, keys, issuer: 'http://127.0.0.1', throttle });
    const people = await signInAll(server);
    const figures = await interleaved({
      'bare work': () => perSecond([floor.turn], clients),
      '@latchkey/server': () => perSecond(people.map((person) => () => refresh(server, person))),
    });
    return { title: `Refreshes on SQLite, durable, ${clients} clients`, unit: '/s', floor: 'bare work', figures };
  } finally {
    floor.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** How often all workers together finish in a second; each works without a pause. */
async function perSecond(workers, worth = 1) {
  let done = 0;
  const start = performance.now();
  const work = async (worker) => {
    while (performance.now() - start < roundMilliseconds) {
      await worker();
      done += worth;
    }
  };
  await Promise.all(workers.map(work));
  return (done * 1000) / (performance.now() - start);
}

async function post(server, path, body) {
  const headers = { 'content-type': 'application/json', 'idempotency-key': randomBytes(32).toString('base64url') };
  const request = new Request(`http://127.0.0.1/auth/${path}`, { method: 'POST', headers, body: JSON.stringify(body) });
  const answer = await server.fetch(request, { remoteAddress: '127.0.0.1' });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
}

async function signInAll(server) {
  const credentials = { username: 'bench', password: randomBytes(12).toString('base64url') };
  const people = [await post(server, 'sign-up', credentials)];
  while (people.length < clients) people.push(await post(server, 'sign-in', credentials));
  return people;
}

async function refresh(server, person) {
  person.refresh = (await post(server, 'refresh', { refresh: person.refresh })).refresh;
}

function openFloor(path) {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec('CREATE TABLE sessions (id integer PRIMARY KEY, hash text NOT NULL, generation integer NOT NULL)');
  const insert = database.prepare("INSERT INTO sessions VALUES (?, '', 0)");
  for (let id = 0; id < clients; id++) insert.run(id);
  const update = database.prepare('UPDATE sessions SET hash = ?, generation = generation + 1 WHERE id = ? RETURNING *');
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const hash = (bytes) => createHash('sha256').update(bytes).digest('base64url');
  const one = (id) => {
    const token = randomBytes(32);
    update.get(hash(token) + hash(token).slice(0, 1), id);
    sign('sha256', token, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  };
  const turn = database.transaction(() => {
    for (let id = 0; id < clients; id++) one(id);
  });
  return { turn: async () => turn.immediate(), close: () => database.close() };
}
