import { join } from 'node:path';
import { createAuthServer, generateKeys, loadKeys, type AuthServerOptions } from '@latchkey/server';
import { listen } from '@latchkey/server/node';
import { openSqliteStore } from '@latchkey/server/sqlite';
import { type MovableClock } from '@latchkey/example-shared';

/** Our own token server on real SQLite, as `latchkey serve` runs it. */
export interface AuthServerHandle {
  readonly port: number;
  /** Requests as they came in, before anything judged them. */
  readonly received: { readonly method: string; readonly url: string; readonly cookie: string | null }[];
  /** Everything that was logged, as text. */
  readonly log: readonly string[];
  /** Ends it and starts it again at the same port, with the same keys, on what lies in its folder after `meanwhile`. */
  restart(meanwhile?: () => void): Promise<void>;
  close(): Promise<void>;
}

/** What a test chooses about the server. */
export type AuthServerChoices = Pick<AuthServerOptions, 'preset' | 'lifetimes' | 'claims' | 'trustProxy'>;

/** Where the database of a server lies. */
export const databaseIn = (folder: string): string => join(folder, 'sessions.sqlite');

/** Starts a server in this process; its database lies in `folder`. */
export async function startAuthServer(settings: {
  issuer: string;
  folder: string;
  clock: MovableClock;
  allowOrigin: string;
  choices: AuthServerChoices;
}): Promise<AuthServerHandle> {
  const received: AuthServerHandle['received'] = [];
  const log: string[] = [];
  const write = (fields: object, message: string) => void log.push(`${JSON.stringify(fields)} ${message}`);
  const keys = await loadKeys(await generateKeys());

  async function open(port: number): Promise<Pick<AuthServerHandle, 'port' | 'close'>> {
    const store = openSqliteStore({ path: databaseIn(settings.folder) });
    await store.migrate();
    const auth = createAuthServer({
      ...{ store, keys, issuer: settings.issuer, allowOrigins: [settings.allowOrigin], clock: settings.clock },
      // Cheap on purpose: these tests are not about hashing, and sign up many people on two cores.
      passwordHashing: { memoryKib: 64, passes: 1, parallelism: 1, atMost: 4 },
      logger: { info: write, warn: write, error: write },
      ...settings.choices,
    });
    const note: typeof auth.fetch = (request) => {
      received.push({ method: request.method, url: request.url, cookie: request.headers.get('cookie') });
      return auth.fetch(request);
    };
    await auth.start();
    const listening = await listen({ ...auth, fetch: note }, { port });
    return {
      port: listening.port,
      close: async () => {
        await listening.close();
        await auth.stop();
        await store.close();
      },
    };
  }

  let running = await open(0);
  const { port } = running;
  return {
    ...{ port, received, log },
    restart: async (meanwhile) => {
      await running.close();
      meanwhile?.();
      running = await open(port);
    },
    close: () => running.close(),
  };
}
