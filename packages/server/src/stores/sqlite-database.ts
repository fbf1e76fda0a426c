import { closeSync, openSync } from 'node:fs';
import Database from 'better-sqlite3';
import { type Compilable, DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { StoreUnavailableError } from '../errors.js';
import type { Tables } from './schema.js';

/** How long a statement waits for another process that holds the write lock, in milliseconds. */
const busyTimeout = 2000;

interface Job {
  readonly work: () => unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * One connection to one file, and the queue of its writes: all writes of one turn of the event loop share one
 * `BEGIN IMMEDIATE … COMMIT`, so that they share its fsync. A write is answered only after that commit.
 */
export class SqliteDatabase {
  /** Builds queries; it has no connection of its own. */
  readonly build = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  readonly #database: Database.Database;
  readonly #statements = new Map<string, Database.Statement>();
  #jobs: Job[] = [];

  constructor(path: string) {
    this.#database = open(path);
    asOutage(() => {
      this.#database.pragma('journal_mode = WAL');
      // An acknowledged rotation must survive a power cut: losing it would look like a theft later.
      this.#database.pragma('synchronous = FULL');
    });
  }

  /** Prepares a statement of the hot path, once. */
  prepare<Parameters extends object, Row>(sql: string): Database.Statement<[Parameters], Row> {
    return asOutage(() => this.#database.prepare<[Parameters], Row>(sql));
  }

  /** Runs a statement that answers no rows; for migrations. */
  execute(sql: string): void {
    asOutage(() => this.#database.exec(sql));
  }

  /** All rows of a query. */
  all<Row>(query: Compilable<Row>): Row[] {
    const { sql, parameters } = query.compile();
    return asOutage(() => this.#cached(sql).all(...parameters)) as Row[];
  }

  /** How many rows a statement changed. */
  change(query: Compilable): number {
    const { sql, parameters } = query.compile();
    return asOutage(() => this.#cached(sql).run(...parameters)).changes;
  }

  /** Runs `work` in the transaction of this turn; settled when that is durable. `work` may run twice. */
  write<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#jobs.push({ work, resolve: resolve as (value: unknown) => void, reject });
      if (this.#jobs.length === 1) setImmediate(() => this.#flush());
    });
  }

  /** Runs a read; sees every write that has been answered. */
  read<T>(work: () => T): Promise<T> {
    return new Promise<T>((resolve) => {
      resolve(asOutage(work));
    });
  }

  /** Inside a write: undoes what `work` wrote if it answers `undefined`. */
  unlessUndefined<T>(work: () => T | undefined): T | undefined {
    const undone = new Error('undone');
    try {
      return this.#database.transaction(() => {
        const result = work();
        if (result === undefined) throw undone;
        return result;
      })();
    } catch (error) {
      if (error === undone) return undefined;
      throw error;
    }
  }

  /** Runs `work` at once, in a transaction of its own. */
  transact<T>(work: () => T): T {
    return asOutage(() => this.#database.transaction(work).immediate());
  }

  close(): void {
    this.#flush();
    this.#database.close();
  }

  #flush(): void {
    const jobs = this.#jobs;
    if (jobs.length === 0) return;
    this.#jobs = [];
    try {
      const results = this.transact(() => jobs.map(({ work }) => work()));
      jobs.forEach(({ resolve }, index) => resolve(results[index]));
    } catch (error) {
      // An outage meets all of them alike. Any other error is one job's: the others must not suffer for it.
      if (error instanceof StoreUnavailableError || jobs.length === 1) jobs.forEach(({ reject }) => reject(error));
      else jobs.forEach((job) => this.#runAlone(job));
    }
  }

  #runAlone({ work, resolve, reject }: Job): void {
    try {
      resolve(this.transact(work));
    } catch (error) {
      reject(error);
    }
  }

  #cached(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (!statement) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }
}

function open(path: string): Database.Database {
  try {
    // It holds password hashes. SQLite gives the files beside it the same mode.
    if (path !== ':memory:') closeSync(openSync(path, 'a', 0o600));
    return new Database(path, { timeout: busyTimeout });
  } catch (cause) {
    throw new StoreUnavailableError(
      'The database file cannot be opened. Does its folder exist, and may we write there?',
      {
        cause,
      },
    );
  }
}

/** A broken rule of the schema is a bug of ours; whatever else SQLite throws is an outage. */
function asOutage<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    const isClosed = error instanceof TypeError && error.message.includes('connection is not open');
    const isOutage = isClosed || (code.startsWith('SQLITE_') && !code.startsWith('SQLITE_CONSTRAINT'));
    if (!isOutage || error instanceof StoreUnavailableError) throw error;
    const hint = code === 'SQLITE_ERROR' ? ' Has `latchkey migrate` been run?' : '';
    throw new StoreUnavailableError(`The database did not do what was asked (${code || 'closed'}).${hint}`, {
      cause: error,
    });
  }
}
