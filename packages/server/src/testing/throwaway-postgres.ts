import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import pg from 'pg';
import { findPostgresBinaries, programIn } from './postgres/find-binaries.js';
import { type Cluster, type Postmaster, startPostmaster } from './postgres/postmaster.js';
import { chooseAccount, makeFolder, runProgram } from './postgres/run-as.js';

/** A PostgreSQL server of its own, for tests: durable as in production, on loopback, gone at the end. */
export interface ThrowawayPostgres {
  /** Of its database `postgres`, with user and password. */
  readonly url: string;
  readonly port: number;
  /** The data folder. */
  readonly folder: string;
  /** As in `15.8`. */
  readonly version: string;
  /** Makes an empty database and gives its URL. */
  createDatabase(): Promise<string>;
  /** Runs SQL on the database `postgres`, or on that of another URL, over a connection of its own. */
  query<Row extends object>(sql: string, url?: string): Promise<Row[]>;
  /** Ends the server and all its children at once, as a power cut would. */
  kill(): Promise<void>;
  /** Starts it again on the same port and folder, after `kill` or in good order. */
  restart(): Promise<void>;
  /** Ends it and removes its folder. */
  stop(): Promise<void>;
}

/** A standby of another server; reads only, until it is promoted. */
export interface ThrowawayStandby extends ThrowawayPostgres {
  /** Makes it take nothing more from its primary: what is written there from now on is lost to it. */
  cutOff(): Promise<void>;
  /** Makes it a primary; resolves when it takes writes. */
  promote(): Promise<void>;
}

/** What a server is started with. */
export interface ThrowawayOptions {
  /** Settings of postgresql.conf by name. */
  readonly settings?: Readonly<Record<string, string>>;
}

const user = 'latchkey';

/**
 * Starts a PostgreSQL server in a temporary folder, on a free port of 127.0.0.1. As root it runs as `postgres` or `nobody`.
 * @throws Error that says what to install, when there is no PostgreSQL; with its log, when it does not start
 * @example
 * const postgres = await throwawayPostgres({ settings: { max_connections: '200' } });
 */
export async function throwawayPostgres({ settings = {} }: ThrowawayOptions = {}): Promise<ThrowawayPostgres> {
  const password = randomBytes(18).toString('base64url');
  return run(password, settings, async ({ root, folder, binaries, account }) => {
    const passwordFile = join(root, 'password');
    writeFileSync(passwordFile, password, { mode: 0o600 });
    if (account.uid !== undefined && account.gid !== undefined) chownSync(passwordFile, account.uid, account.gid);
    const how = ['--encoding=UTF8', '--locale=C', '--auth=scram-sha-256', '--no-sync', `--pwfile=${passwordFile}`];
    const command = [programIn(binaries, 'initdb'), '-D', folder, '-U', user, ...how] as const;
    await runProgram(command, { ...account, cwd: root });
  });
}

/**
 * Starts a standby of a server that `throwawayPostgres` or `standbyOf` made, and waits until it streams. With
 * `isSynchronous` the primary answers a commit only when the standby has it on disk, and waits for ever without it.
 */
export async function standbyOf(
  primary: ThrowawayPostgres,
  { settings = {}, isSynchronous = false }: ThrowawayOptions & { readonly isSynchronous?: boolean } = {},
): Promise<ThrowawayStandby> {
  const url = new URL(primary.url);
  const name = `standby_${randomBytes(6).toString('hex')}`;
  url.searchParams.set('application_name', name);
  const password = decodeURIComponent(url.password);
  const standby = await run(password, settings, async ({ root, folder, binaries, account }) => {
    const how = ['-R', '-X', 'stream', '-c', 'fast', '--no-sync', '-d', url.href];
    const command = [programIn(binaries, 'pg_basebackup'), '-D', folder, ...how] as const;
    await runProgram(command, { ...account, cwd: root });
  });
  const states = `SELECT state, sync_state FROM pg_stat_replication WHERE application_name = '${name}'`;
  await until(primary, `${states} AND state = 'streaming'`);
  if (isSynchronous) {
    await primary.query(`ALTER SYSTEM SET synchronous_standby_names = '${name}'`);
    await primary.query('SELECT pg_reload_conf()');
    await until(primary, `${states} AND sync_state = 'sync'`);
  }
  return {
    ...standby,
    async cutOff() {
      await standby.query("ALTER SYSTEM SET primary_conninfo = ''");
      await standby.query('SELECT pg_reload_conf()');
      await until(standby, 'SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM pg_stat_wal_receiver)');
    },
    async promote() {
      await standby.query('SELECT pg_promote()');
    },
  };
}

/** Asks until there is a row. PostgreSQL has no way to wait for these. */
async function until(server: ThrowawayPostgres, sql: string): Promise<void> {
  while ((await server.query(sql)).length === 0);
}

type Place = Omit<Cluster, 'port' | 'settings'> & { readonly root: string };

async function run(
  password: string,
  settings: Readonly<Record<string, string>>,
  fill: (place: Place) => Promise<void>,
): Promise<ThrowawayPostgres> {
  const binaries = findPostgresBinaries();
  const account = chooseAccount();
  const root = makeFolder(account);
  const remove = () => rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  try {
    const folder = join(root, 'data');
    await fill({ root, folder, binaries, account });
    const cluster = { folder, binaries, account, settings, port: await findFreePort() };
    const postmaster = await startPostmaster(cluster);
    const url = `postgres://${user}:${password}@127.0.0.1:${String(cluster.port)}/postgres`;
    const [row] = await query<{ server_version: string }>(url, 'SHOW server_version');
    const version = row?.server_version.split(' ')[0] ?? '';
    return { ...handle({ cluster, url, remove }, postmaster), version };
  } catch (error) {
    remove();
    throw error;
  }
}

function handle(
  { cluster, url, remove }: { cluster: Cluster; url: string; remove: () => void },
  started: Postmaster,
): Omit<ThrowawayPostgres, 'version'> {
  let postmaster: Postmaster | undefined = started;
  return {
    url,
    port: cluster.port,
    folder: cluster.folder,
    async createDatabase() {
      const name = `test_${randomBytes(6).toString('hex')}`;
      await query(url, `CREATE DATABASE ${name}`);
      return url.replace(/[^/]*$/, name);
    },
    query: (sql, other = url) => query(other, sql),
    async kill() {
      await postmaster?.kill();
      postmaster = undefined;
    },
    async restart() {
      await postmaster?.stop();
      postmaster = await startPostmaster(cluster);
    },
    async stop() {
      await postmaster?.stop();
      postmaster = undefined;
      remove();
    },
  };
}

async function query<Row extends object>(url: string, sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function findFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
