import { openPostgresStore } from '@latchkey/server/postgres';
import { type ThrowawayPostgres, standbyOf, throwawayPostgres } from '@latchkey/server/testing';
import { tempFolder } from '../../harness/temp-folder.js';
import type { Database, Follower } from './databases.js';

/** What ends with a test. */
interface Place {
  readonly folder: string;
  readonly servers: ThrowawayPostgres[];
  close(): Promise<void>;
}

/** One that can also have a standby which a commit waits for. */
export interface PostgresDatabase extends Database {
  followInStep(): Promise<Follower>;
}

/** After a kill it syncs all its files; one by one that takes seconds on a busy disk. From PostgreSQL 14, on Linux alone. */
const settings: Readonly<Record<string, string>> =
  process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {};

/** A cluster of its own, with the durability that PostgreSQL comes with. */
export async function postgresDatabase(): Promise<PostgresDatabase> {
  const folder = tempFolder();
  const server = await throwawayPostgres({ settings });
  const servers = [server];
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((one) => one.stop()));
    folder.remove();
  };
  const database = databaseOn(server, await server.createDatabase(), { folder: folder.path, servers, close });
  const store = database.open();
  await store.migrate();
  await store.close();
  return database;
}

function databaseOn(server: ThrowawayPostgres, url: string, place: Place): PostgresDatabase {
  const follow = async (isSynchronous: boolean): Promise<Follower> => {
    const standby = await standbyOf(server, { settings, isSynchronous });
    place.servers.push(standby);
    return {
      cutOff: () => standby.cutOff(),
      async promote() {
        await standby.promote();
        return databaseOn(standby, new URL(new URL(url).pathname, standby.url).href, place);
      },
    };
  };
  const ask = async (setting: string) => (await server.query(`SHOW ${setting}`, url))[0] ?? {};
  return {
    name: 'PostgreSQL',
    address: url,
    folder: place.folder,
    open: () => openPostgresStore({ url }),
    settings: async () => ({ ...(await ask('fsync')), ...(await ask('synchronous_commit')) }),
    kill: () => server.kill(),
    restart: () => server.restart(),
    async breakDown() {
      await server.kill();
      return () => server.restart();
    },
    follow: () => follow(false),
    followInStep: () => follow(true),
    close: () => place.close(),
  };
}
