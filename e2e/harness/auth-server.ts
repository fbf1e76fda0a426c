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
  close(): Promise<void>;
}

/** What a test chooses about the server. */
export type AuthServerChoices = Pick<AuthServerOptions, 'preset' | 'lifetimes' | 'claims' | 'trustProxy'>;

/** Starts a server in this process; its database lies in `folder`. */
export async function startAuthServer(settings: {
  issuer: string;
  folder: string;
  clock: MovableClock;
  allowOrigin: string;
  choices: AuthServerChoices;
}): Promise<AuthServerHandle> {
  const store = openSqliteStore({ path: join(settings.folder, 'sessions.sqlite') });
  await store.migrate();
  const received: AuthServerHandle['received'] = [];
  const log: string[] = [];
  const write = (fields: object, message: string) => void log.push(`${JSON.stringify(fields)} ${message}`);
  const auth = createAuthServer({
    store,
    keys: await loadKeys(await generateKeys()),
    issuer: settings.issuer,
    allowOrigins: [settings.allowOrigin],
    clock: settings.clock,
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
  const running = await listen({ ...auth, fetch: note }, { port: 0 });
  return {
    port: running.port,
    received,
    log,
    close: async () => {
      await running.close();
      await auth.stop();
      await store.close();
    },
  };
}
