import { setTimeout as pause } from 'node:timers/promises';
import { type Compilable, DummyDriver, Kysely, PostgresAdapter } from 'kysely';
import { PostgresIntrospector, PostgresQueryCompiler } from 'kysely';
import pg from 'pg';
import { StoreUnavailableError } from '../errors.js';
import { describePostgresUrl } from './postgres-address.js';
import { asOutage, classify } from './postgres-errors.js';
import type { Tables } from './schema.js';

/** How a PostgreSQL is connected to. */
export interface PostgresOptions {
  /** `postgres://USER:PASSWORD@HOST:PORT/DATABASE`; options of libpq such as `?sslmode=verify-full` are understood. */
  readonly url: string;
  /** Connections at most. Default 10. */
  readonly poolSize?: number;
  /** How long to wait for a connection, in milliseconds. Default 3000. */
  readonly connectTimeout?: number;
  /** How long a statement may take, in milliseconds. Default 5000. */
  readonly statementTimeout?: number;
}

/** A statement as text. One with a name is of the hot path: each connection parses and plans it once. */
export interface RawStatement {
  readonly name?: string;
  readonly text: string;
  /** How long we wait for it, in milliseconds, under the name that `pg` gives it; default: what all are given. */
  readonly query_timeout?: number;
}

/** What runs statements: one by one, or within a transaction. */
export interface Statements {
  /** An earlier try may have been carried out: its connection was lost before the answer came. */
  readonly isRerun: boolean;
  /** All rows of a query. */
  readonly all: <Row>(query: Compilable<Row>) => Promise<Row[]>;
  /** How many rows a statement changed. */
  readonly change: (query: Compilable) => Promise<number>;
  /** All rows of a statement that is written by hand. */
  readonly raw: <Row extends object>(statement: RawStatement, values?: readonly unknown[]) => Promise<Row[]>;
}

/** Our choice: 64 writers of one row on 10 connections need fewer; a request never waits for long. */
const mostTries = { conflict: 16, lost: 4 };

/** In milliseconds; each try may take up to twice as long as the one before, and no longer than the second. */
const pauses = { conflict: [4, 120], lost: [60, 500] } as const;

/** A pool of connections to one database, and the rules of running a step again. */
export class PostgresDatabase {
  /** Builds queries; it has no connection of its own. */
  readonly build = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new PostgresIntrospector(db),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  /** Where it is, without the password. */
  readonly address: string;
  readonly #pool: pg.Pool;
  readonly #underWay = new Set<Promise<unknown>>();
  #closing: Promise<void> | undefined;

  constructor(options: PostgresOptions) {
    this.address = describePostgresUrl(options.url);
    this.#pool = openPool(options);
  }

  /** Runs one statement, or several that need no transaction; again where that is safe to do. */
  run<T>(work: (statements: Statements) => Promise<T>): Promise<T> {
    return this.#withClient((client, isRerun) => work(statementsOf(client, isRerun)));
  }

  /**
   * Runs `work` in a transaction, settled when that is durable; undone if `keeps` says no to the result. `work` may run
   * several times, and finds in `isRerun` whether it may have been carried out already.
   */
  write<T>(work: (statements: Statements) => Promise<T>, keeps: (result: T) => boolean = () => true): Promise<T> {
    return this.#withClient(async (client, isRerun) => {
      await client.query('BEGIN');
      const result = await work(statementsOf(client, isRerun));
      await client.query(keeps(result) ? 'COMMIT' : 'ROLLBACK');
      return result;
    });
  }

  /** Lets calls under way end, those that wait for a connection too; resolves when no connection is left. */
  close(): Promise<void> {
    return (this.#closing ??= Promise.allSettled(this.#underWay).then(() => this.#pool.end()));
  }

  async #withClient<T>(work: (client: pg.PoolClient, isRerun: boolean) => Promise<T>): Promise<T> {
    if (this.#closing) throw new StoreUnavailableError(`PostgreSQL at ${this.address}: The store has been closed.`);
    const call = this.#untilDone(work);
    this.#underWay.add(call);
    try {
      return await call;
    } finally {
      this.#underWay.delete(call);
    }
  }

  async #untilDone<T>(work: (client: pg.PoolClient, isRerun: boolean) => Promise<T>): Promise<T> {
    let isRerun = false;
    for (let tries = 1; ; tries += 1) {
      try {
        return await this.#once(work, isRerun);
      } catch (error) {
        const failure = classify(error);
        if (failure === 'outage') throw asOutage(error, this.address);
        if (failure === 'bug') throw error;
        if (tries >= mostTries[failure]) throw failure === 'lost' ? asOutage(error, this.address) : overrun(error);
        isRerun ||= failure === 'lost';
        const [shortest, longest] = pauses[failure];
        // At random, or those who met once would meet again.
        await pause(Math.random() * Math.min(longest, shortest * 2 ** tries));
      }
    }
  }

  async #once<T>(work: (client: pg.PoolClient, isRerun: boolean) => Promise<T>, isRerun: boolean): Promise<T> {
    const client = await this.#pool.connect();
    try {
      const result = await work(client, isRerun);
      client.release();
      return result;
    } catch (error) {
      client.release(!(await isClean(client, error)));
      throw error;
    }
  }
}

/** Undoes what a failed step has left open; false if the connection is good for nothing any more. */
async function isClean(client: pg.PoolClient, error: unknown): Promise<boolean> {
  const failure = classify(error);
  if (failure === 'lost' || failure === 'outage') return false;
  try {
    await client.query('ROLLBACK');
    return true;
  } catch {
    return false;
  }
}

/** A conflict that does not end is an outage, but for a broken rule of the schema, which is a bug of ours. */
const overrun = (error: unknown): unknown =>
  error instanceof pg.DatabaseError && error.code === '23505'
    ? error
    : new StoreUnavailableError('Too many are writing to the same rows. Try again.', { cause: error });

function statementsOf(client: pg.PoolClient, isRerun: boolean): Statements {
  const query = <Row extends object>(statement: RawStatement, values: readonly unknown[]) =>
    client.query<Row>({ ...statement, values: values.map(asStorable) });
  return {
    isRerun,
    all: async <Row>(compilable: Compilable<Row>) => {
      const { sql: text, parameters } = compilable.compile();
      return (await query({ text }, parameters)).rows as Row[];
    },
    change: async (compilable) => {
      const { sql: text, parameters } = compilable.compile();
      return (await query({ text }, parameters)).rowCount ?? 0;
    },
    raw: async <Row extends object>(statement: RawStatement, values: readonly unknown[] = []) =>
      (await query<Row>(statement, values)).rows,
  };
}

/** PostgreSQL's text cannot hold U+0000. As parsers of HTML do: a character that says that there was one. */
const asStorable = (value: unknown): unknown => (typeof value === 'string' ? value.replaceAll('\0', '\uFFFD') : value);

function openPool({ url, poolSize = 10, connectTimeout = 3000, statementTimeout = 5000 }: PostgresOptions): pg.Pool {
  const types = new pg.TypeOverrides();
  types.setTypeParser(pg.types.builtins.INT8, readBigint);
  const pool = new pg.Pool({
    application_name: 'latchkey',
    connectionString: url,
    max: poolSize,
    // A new connection costs tens of milliseconds; those that there are stay.
    idleTimeoutMillis: 0,
    connectionTimeoutMillis: connectTimeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    // The server gives up first; this is for one that cannot be heard any more.
    query_timeout: statementTimeout + 1000,
    types,
    verify: (client, done) => void prepare(client, statementTimeout).then(() => done(), done),
  });
  // An error event without a listener ends the process. Whoever uses the connection next is told.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => client.on('error', () => undefined));
  return pool;
}

/**
 * Sets up a new connection. Not by options at connect, which a pooler in between would refuse. Repeatable read would let
 * a sign-in escape a password change: its transaction does not see what was committed while it waited for the user row,
 * and is not refused for it, as a serializable one is.
 */
async function prepare(client: pg.PoolClient, statementTimeout: number): Promise<void> {
  const { rows } = await client.query<{ isStandby: string }>(
    `SELECT current_setting('transaction_read_only') AS "isStandby",
      set_config('statement_timeout', $1, false),
      set_config('idle_in_transaction_session_timeout', $1, false),
      CASE WHEN current_setting('default_transaction_isolation') = 'repeatable read'
        THEN set_config('default_transaction_isolation', 'read committed', false) END`,
    [String(statementTimeout)],
  );
  // A standby lags, and a stale row would look like a theft.
  if (rows[0]?.isStandby === 'on') throw Object.assign(new Error('read only'), { code: '25006' });
}

function readBigint(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value)) return value;
  throw new RangeError(`${text} is beyond what a number can hold exactly.`);
}
