import { existsSync } from 'node:fs';
import { type Store, StoreUnavailableError } from '@latchkey/server';
import { describePostgresUrl, openPostgresStore } from '@latchkey/server/postgres';
import { openSqliteStore } from '@latchkey/server/sqlite';
import { CommandError, codeOf, exitCodes } from './command-error.js';
import type { StorePlace } from './settings/check.js';

/** What to do when there is no database file yet. */
export type WhenMissing = 'make it' | 'refuse';

/** An opened store, and what to call it before people: a path or an address, without a password. */
export interface OpenedStore {
  readonly store: Store;
  readonly name: string;
}

/**
 * Opens the database. A PostgreSQL is connected to only when it is first asked something.
 * @throws CommandError when no store was given, its file is missing and may not be made, or it cannot be opened
 */
export function openStore(place: StorePlace | undefined, whenMissing: WhenMissing): OpenedStore {
  if (place === undefined) {
    throw new CommandError(
      'store is missing: give --store sqlite:PATH or postgres://USER@HOST/DATABASE, LATCHKEY_STORE, or "store" in the settings file.',
    );
  }
  if (place.kind === 'sqlite') return { store: openFile(place.path, whenMissing), name: place.path };
  return { store: openPostgresStore({ url: place.url }), name: describePostgresUrl(place.url) };
}

function openFile(path: string, whenMissing: WhenMissing): Store {
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
export async function withStore<T>(place: StorePlace | undefined, work: (store: Store) => Promise<T>): Promise<T> {
  const opened = openStore(place, 'refuse');
  try {
    await requireReady(opened);
    return await work(opened.store);
  } finally {
    await opened.store.close();
  }
}

/** @throws CommandError when the database cannot be reached, or does not have the shape that this version needs */
export async function requireReady({ store, name }: OpenedStore): Promise<void> {
  try {
    await store.ready();
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    const { message } = error;
    const what = message.includes(name) ? message : `The database ${name} is not ready: ${message}`;
    const alternative = message.endsWith('Run `latchkey migrate`.') ? ' Or serve with --migrate.' : '';
    throw new CommandError(what + alternative, exitCodes.outside);
  }
}
