import { existsSync } from 'node:fs';
import { StoreUnavailableError } from '@latchkey/server';
import { type SqliteStore, openSqliteStore } from '@latchkey/server/sqlite';
import { CommandError, codeOf, exitCodes } from './command-error.js';

/** What to do when there is no database yet. */
export type WhenMissing = 'make it' | 'refuse';

/**
 * Opens the database.
 * @throws CommandError when no store was given, it is missing and may not be made, or it cannot be opened
 */
export function openStore(path: string | undefined, whenMissing: WhenMissing): SqliteStore {
  if (path === undefined) {
    throw new CommandError(
      'store is missing: give --store sqlite:PATH, LATCHKEY_STORE, or "store" in the settings file.',
    );
  }
  if (whenMissing === 'refuse' && path !== ':memory:' && !existsSync(path)) {
    throw new CommandError(
      `There is no database at ${path}. Run \`latchkey migrate\` to make it, or give another --store.`,
      exitCodes.outside,
    );
  }
  try {
    return openSqliteStore({ path });
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    const code = codeOf(error.cause);
    const why = code === '' ? '' : ` (${code})`;
    throw new CommandError(
      `The database ${path} cannot be opened${why}. Its folder must exist and this account be able to write there; or give another --store.`,
      exitCodes.outside,
    );
  }
}

/** Opens the database for one piece of work, and closes it whatever comes. */
export async function withStore<T>(path: string | undefined, work: (store: SqliteStore) => Promise<T>): Promise<T> {
  const store = openStore(path, 'refuse');
  try {
    await requireReady(store);
    return await work(store);
  } finally {
    await store.close();
  }
}

/** @throws CommandError when the database has not been brought up to date */
export async function requireReady(store: SqliteStore): Promise<void> {
  try {
    await store.ready();
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    throw new CommandError(
      `The database ${store.path} is not ready: ${error.message} Run \`latchkey migrate\`, or serve with --migrate.`,
      exitCodes.outside,
    );
  }
}
