import { readFile } from 'node:fs/promises';
import { createAuthServer, loadKeys } from '@latchkey/server';
import { listen } from '@latchkey/server/node';
import { answering } from '../answering.mjs';

const openStore = {
  sqlite: async (path) => (await import('@latchkey/server/sqlite')).openSqliteStore({ path }),
  postgres: async (url) => (await import('@latchkey/server/postgres')).openPostgresStore({ url }),
};

/** Latchkey as anybody runs it: the public entries, the defaults. Only the limit of each session is out of reach: it is counted all the same. */
await answering(async ({ store: kind, database, keyFile }) => {
  const store = await openStore[kind](database);
  const keys = await loadKeys(JSON.parse(await readFile(keyFile, 'utf8')));
  const allowOrigins = ['http://127.0.0.1:4200'];
  const throttle = { refreshPerSession: { atMost: 1e9, perSeconds: 1 } };
  const server = createAuthServer({ store, keys, issuer: 'http://127.0.0.1', allowOrigins, throttle });
  await server.start();
  const { port, close } = await listen(server, { port: 0 });
  return { port, close: () => close().then(() => store.close()) };
});
