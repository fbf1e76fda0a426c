import { createServer } from 'node:net';
import { once } from 'node:events';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { addSession, addUser, later, rotation } from '../testing/contract/fixtures.js';
import { type ThrowawayPostgres, standbyOf, throwawayPostgres } from '../testing/index.js';
import { type PostgresOptions, type PostgresStore, openPostgresStore } from './postgres.js';
import { PostgresDatabase } from './postgres-database.js';
import { migratePostgres } from './postgres-migrations.js';
import { migrations } from './schema.js';

let postgres: ThrowawayPostgres;
beforeAll(async () => {
  postgres = await throwawayPostgres({ settings: { fsync: 'off' } });
}, 60_000);
afterAll(() => postgres.stop(), 60_000);

const opened: PostgresStore[] = [];
afterEach(() => Promise.all(opened.splice(0).map((store) => store.close())));

function open(options: PostgresOptions): PostgresStore {
  const store = openPostgresStore(options);
  opened.push(store);
  return store;
}

async function openNew(options: Partial<PostgresOptions> = {}): Promise<{ store: PostgresStore; url: string }> {
  const url = await postgres.createDatabase();
  const store = open({ url, ...options });
  await store.migrate();
  return { store, url };
}

/** Locks all session rows until the connection ends. */
async function lockSessions(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('BEGIN; SELECT 1 FROM sessions FOR UPDATE');
  return client;
}

/** Resolves when somebody waits for the lock of a table. */
async function waitingFor(url: string, table: string): Promise<void> {
  const waiting = `SELECT 1 FROM pg_locks WHERE NOT granted AND relation = '${table}'::regclass`;
  while ((await postgres.query(waiting, url)).length === 0);
}

/** The URL with another part; the password is one that must be seen nowhere. */
const changed = (part: Partial<Record<'password' | 'port' | 'pathname' | 'username' | 'hostname', string>>): string =>
  Object.assign(new URL(postgres.url), part).href;

describe('outages', { timeout: 60_000 }, () => {
  it('a server that is killed is an outage, crashes nobody, and is used again once it is back', async () => {
    const { store } = await openNew();
    await addUser(store);
    await Promise.all(Array.from({ length: 20 }, () => store.users.find('user-1')));
    await postgres.kill();
    const failing = store.users.find('user-1');
    await expect(failing).rejects.toMatchObject({ name: 'StoreUnavailableError' });
    await expect(failing).rejects.toThrow(/Nobody listens there.*ECONNREFUSED/);
    await postgres.restart();
    expect((await store.users.find('user-1'))?.id).toBe('user-1');
  });

  it('a connection that an operator ends is replaced unseen', async () => {
    const { store, url } = await openNew();
    await addUser(store);
    await postgres.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${new URL(url).pathname.slice(1)}'
        AND pid <> pg_backend_pid()`,
    );
    expect((await store.users.find('user-1'))?.id).toBe('user-1');
  });

  it('a row that stays locked is an outage after the statement timeout', async () => {
    const { store, url } = await openNew({ statementTimeout: 200 });
    await addUser(store);
    await addSession(store, 's');
    const holder = await lockSessions(url);
    await expect(store.sessions.rotate(rotation('s', 0))).rejects.toThrow(/took too long.*57014/);
    await holder.end();
    expect(await store.sessions.rotate(rotation('s', 0))).toBeDefined();
  });

  it('more requests than connections wait for one, and not for ever', async () => {
    const { store, url } = await openNew({ poolSize: 1, connectTimeout: 100 });
    await addUser(store);
    await addSession(store, 's');
    const holder = await lockSessions(url);
    const holding = store.sessions.rotate(rotation('s', 0));
    await expect(store.users.find('user-1')).rejects.toThrow(/No connection became free in time/);
    await holder.end();
    expect(await holding).toBeDefined();
  });

  it('a host that does not answer is an outage after the connect timeout', async () => {
    const silent = createServer().listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as { port: number };
    const store = open({ url: changed({ port: String(port) }), connectTimeout: 100 });
    await expect(store.ready()).rejects.toThrow(/does not answer/);
    silent.close();
  });

  it('a standby is refused: what it has not seen yet would look like a theft', async () => {
    const standby = await standbyOf(postgres);
    await expect(open({ url: standby.url }).sessions.find('s')).rejects.toThrow(/it is a standby.*25006/);
    await standby.stop();
  });
});

describe('one-time tokens', () => {
  it('that all replace expired ones at once wait for nobody: there is no deadlock', async () => {
    const { store, url } = await openNew();
    const people = Array.from({ length: 40 }, (_, index) => `user-${String(index)}`);
    for (let round = 0; round < 4; round += 1) {
      const now = later(round * 100);
      const token = { purpose: 'reset_password', email: 'a@example.com', credentialVersion: 0 } as const;
      const issue = (userId: string) =>
        store.oneTimeTokens.issue(
          { ...token, userId, tokenHash: `${userId} ${String(round)}`, expiresAt: later(round * 100 + 50) },
          now,
        );
      await Promise.all(people.map(issue));
    }
    await store.close();
    const deadlocks = `SELECT deadlocks::int FROM pg_stat_database WHERE datname = '${new URL(url).pathname.slice(1)}'`;
    expect(await postgres.query(deadlocks)).toEqual([{ deadlocks: 0 }]);
  });
});

describe('closing', () => {
  it('lets calls that wait for a connection end, is over for all who ask at once, and takes no further calls', async () => {
    const { store, url } = await openNew({ poolSize: 1, connectTimeout: 1000 });
    await addUser(store);
    await addSession(store, 's');
    const holder = await lockSessions(url);
    const holding = store.sessions.rotate(rotation('s', 0));
    const waiting = store.users.find('user-1');
    const order: string[] = [];
    const calls = [holding, waiting].map((call) => call.then((found) => order.push(found ? 'found' : 'nothing')));
    const closing = [store.close(), store.close()].map((closed) => closed.then(() => order.push('closed')));
    await expect(store.users.find('user-1')).rejects.toThrow(/The store has been closed/);
    await holder.end();
    await Promise.all([...closing, ...calls]);
    expect(order).toEqual(['found', 'found', 'closed', 'closed']);
  });
});

describe('messages', () => {
  const secret = 'correct-horse';

  it.each([
    ['a wrong password', { password: secret }, /user or the password is wrong\. \(28P01\)/],
    ['a database that is not there', { pathname: '/nowhere' }, /no such database.*createdb.*\(3D000\)/],
    ['nobody who listens', { port: '1', password: secret }, /Nobody listens there.*\(ECONNREFUSED\)/],
    ['a host that is not there', { hostname: 'nowhere.invalid' }, /(no such host|cannot be looked up)/],
    ['TLS that is not spoken', { pathname: '/postgres?sslmode=verify-full' }, /speaks no TLS/],
  ])('name the fix and no password: %s', async (_, part, message) => {
    const url = 'pathname' in part ? postgres.url.replace(/\/postgres$/, part.pathname) : changed(part);
    const failing = open({ url }).ready();
    await expect(failing).rejects.toThrow(message);
    const error: unknown = await failing.catch((thrown: unknown) => thrown);
    expect(String(error)).toContain(`postgres://latchkey@${new URL(url).host}/`);
    for (const password of [secret, new URL(postgres.url).password]) expect(String(error)).not.toContain(password);
  });

  it('say how a URL looks, and quote nothing of one that is wrong', () => {
    for (const url of [
      `mysql://u:${secret}@h/d`,
      `postgres://u:${secret}@[x/d`,
      `postgres://u:%${secret}@h/d`,
      `postgres://u:12/${secret}@h/d`,
      `postgres://u:12?${secret}@h/d`,
      `postgres://u:12#${secret}@h/d`,
      `postgres://u:12/${secret}/d`,
      secret,
    ]) {
      expect(() => openPostgresStore({ url })).toThrow(/postgres:\/\/USER:PASSWORD@HOST:5432\/DATABASE/);
      expect(() => openPostgresStore({ url })).not.toThrow(secret);
    }
    const url = `postgres://u:${secret}@h/d?sslrootcert=/no/such.pem`;
    expect(() => openPostgresStore({ url })).toThrow('sslrootcert=/no/such.pem');
  });

  it('name the host and the port of the options, which are stronger', async () => {
    const store = open({ url: changed({ hostname: 'nowhere.invalid' }) + '?host=127.0.0.1&port=1' });
    await expect(store.ready()).rejects.toThrow('postgres://latchkey@127.0.0.1:1/postgres: Nobody listens there.');
  });

  it('a number that JavaScript cannot hold exactly is refused, not rounded', async () => {
    const { store, url } = await openNew();
    await addUser(store);
    await postgres.query('UPDATE users SET epoch = 9007199254740993', url);
    await expect(store.users.find('user-1')).rejects.toThrow(/9007199254740993 is beyond/);
    expect(await store.users.find('nobody')).toBeUndefined();
  });
});

describe('migrations', () => {
  it('leave one clean result when several nodes start at once', async () => {
    const url = await postgres.createDatabase();
    const stores = [open({ url }), open({ url }), open({ url })];
    const results = await Promise.all(stores.map((store) => store.migrate()));
    expect(results.flatMap(({ applied }) => applied)).toEqual(migrations.map(({ name }) => name));
    await Promise.all(stores.map((store) => store.ready()));
    await expect(stores[0]?.migrate()).resolves.toEqual({ applied: [] });
  });

  it('do so where the database is serializable by default', async () => {
    const url = await postgres.createDatabase();
    const name = new URL(url).pathname.slice(1);
    await postgres.query(`ALTER DATABASE ${name} SET default_transaction_isolation = 'serializable'`);
    const stores = [open({ url }), open({ url }), open({ url }), open({ url })];
    await Promise.all(stores.map((store) => store.ready().catch(() => undefined)));
    const results = await Promise.all(stores.map((store) => store.migrate()));
    expect(results.flatMap(({ applied }) => applied)).toEqual(migrations.map(({ name: step }) => step));
  });

  it('hold up nobody behind a long transaction: they let go, try again, and say at last what to look for', async () => {
    const { store, url } = await openNew();
    await addUser(store);
    await postgres.query(
      `DELETE FROM latchkey_migrations WHERE name LIKE '0002%'; DROP TABLE one_time_tokens;
        ALTER TABLE users DROP COLUMN verified_email`,
      url,
    );
    const reader = new pg.Client({ connectionString: url });
    await reader.connect();
    await reader.query('BEGIN; SELECT 1 FROM users');
    const database = new PostgresDatabase({ url });
    const refused = migratePostgres(database, 20);
    await expect(refused).rejects.toThrow(/stays locked. Look in pg_stat_activity.*\(55P03\)/);
    const migrating = migratePostgres(database, 500);
    await waitingFor(url, 'users');
    expect(await postgres.query('SELECT id FROM users', url)).toEqual([{ id: 'user-1' }]);
    await reader.end();
    expect(await migrating).toEqual({ applied: ['0002-one-time-tokens'] });
    await database.close();
  });

  it('wait for another node for longer than a request would', async () => {
    const url = await postgres.createDatabase();
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query('BEGIN; CREATE TABLE latchkey_migrations (name text PRIMARY KEY)');
    const migrating = open({ url, statementTimeout: 50 }).migrate();
    await other.query('SELECT pg_sleep(1.3); COMMIT');
    expect((await migrating).applied).toHaveLength(migrations.length);
    await other.end();
  });

  it('are undone together when one fails', async () => {
    const url = await postgres.createDatabase();
    await postgres.query('CREATE TABLE sessions (id int)', url);
    await expect(open({ url }).migrate()).rejects.toMatchObject({ code: '42P07' });
    expect(await postgres.query("SELECT 1 FROM pg_tables WHERE tablename = 'users'", url)).toEqual([]);
  });

  it('that are missing keep a node from starting, and it says what to run', async () => {
    const { url } = await openNew();
    await postgres.query(`DELETE FROM latchkey_migrations WHERE name LIKE '0002%'`, url);
    await expect(open({ url }).ready()).rejects.toThrow(/lacks 0002-one-time-tokens. Run `latchkey migrate`/);
    await expect(open({ url: await postgres.createDatabase() }).ready()).rejects.toThrow(
      /empty. Run `latchkey migrate`/,
    );
    const unmade = open({ url: await postgres.createDatabase() });
    await expect(unmade.sessions.find('s')).rejects.toThrow(/Run `latchkey migrate`. \(42P01\)/);
  });

  it('of a newer version keep an old node from starting, and leave those alone that run already', async () => {
    const { store: running, url } = await openNew();
    await running.ready();
    await postgres.query(`INSERT INTO latchkey_migrations VALUES ('0099-later')`, url);
    await expect(open({ url }).ready()).rejects.toThrow(/newer Latchkey: it has 0099-later. Start that version/);
    await expect(open({ url }).migrate()).rejects.toThrow(/newer Latchkey/);
    await expect(running.ready()).resolves.toBeUndefined();
    await addUser(running);
    expect(await running.sessions.listByUser('user-1', later(0))).toEqual([]);
  });
});
