import { join } from 'node:path';
import type { Store } from '@latchkey/server';
import { openSqliteStore } from '@latchkey/server/sqlite';
import Sqlite from 'better-sqlite3';
import { SqliteDatabase } from '../../../packages/server/src/stores/sqlite-database.js';
import { type TempFolder, tempFolder } from '../../harness/temp-folder.js';

/** A database that outlives what is done to it. */
export interface Database {
  readonly name: 'SQLite' | 'PostgreSQL';
  /** As LATCHKEY_STORE takes it. */
  readonly address: string;
  /** Where the token server works. */
  readonly folder: string;
  /** Opens it as the token server does, over connections of its own. */
  open(): Store;
  /** What it says of its own durability, asked over such a connection. */
  settings(): Promise<Readonly<Record<string, string>>>;
  /** Ends its processes in whatever they are doing; missing where it has none but the token server's. */
  kill?(): Promise<void>;
  restart?(): Promise<void>;
  /** Makes it unusable for the token server; the function given back mends that. */
  breakDown(): Promise<() => Promise<void>>;
  /** Makes a second one that follows this one. */
  follow(): Promise<Follower>;
  /** Ends it, and all that follow it. */
  close(): Promise<void>;
}

/** A standby. */
export interface Follower {
  /** From now on, it gets nothing of what is written. */
  cutOff(): Promise<void>;
  /** Makes it the database that is written to. */
  promote(): Promise<Database>;
}

/** A file, in a folder of its own. */
export async function sqliteDatabase(): Promise<Database> {
  const database = sqliteFile(tempFolder(), 'sessions.db');
  const store = database.open();
  await store.migrate();
  await store.close();
  return database;
}

function sqliteFile(folder: TempFolder, name: string): Database {
  const path = join(folder.path, name);
  const copy = `copy-of-${name}`;
  return {
    name: 'SQLite',
    address: `sqlite:${path}`,
    folder: folder.path,
    open: () => openSqliteStore({ path }),
    settings() {
      const connection = new SqliteDatabase(path);
      const ask = (pragma: string) => connection.prepare<object, object>(`PRAGMA ${pragma}`).get({}) ?? {};
      const answers = { ...ask('journal_mode'), ...ask('synchronous') };
      connection.close();
      return Promise.resolve(
        Object.fromEntries(Object.entries(answers).map(([setting, value]) => [setting, nameOf(setting, value)])),
      );
    },
    // Another process that holds the write lock for longer than anybody waits.
    breakDown() {
      const other = new Sqlite(path);
      other.exec('BEGIN EXCLUSIVE');
      return Promise.resolve(() => {
        other.close();
        return Promise.resolve();
      });
    },
    // A copy that is sent away now and then, as of a disk.
    follow: () =>
      Promise.resolve({
        async cutOff() {
          const connection = new Sqlite(path);
          await connection.backup(join(folder.path, copy));
          connection.close();
        },
        promote: () => Promise.resolve(sqliteFile(folder, copy)),
      }),
    close() {
      folder.remove();
      return Promise.resolve();
    },
  };
}

/** PRAGMA synchronous answers a number. @see https://www.sqlite.org/pragma.html#pragma_synchronous */
const levels = ['OFF', 'NORMAL', 'FULL', 'EXTRA'];
const nameOf = (setting: string, value: unknown): string =>
  setting === 'synchronous' ? (levels[Number(value)] ?? String(value)) : String(value);
