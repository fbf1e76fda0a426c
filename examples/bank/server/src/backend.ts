import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { closeServer, keysIn, listenOnLoopback, openPictures, seedUser } from '@latchkey/example-shared';
import { type AuthServerOptions, type Clock, createAuthServer } from '@latchkey/server';
import { openSqliteStore } from '@latchkey/server/sqlite';
import { createVerifier } from '@latchkey/verifier';
import type { BankClaims } from './api/call.js';
import { createApi } from './api/create-api.js';
import { type DemoCustomer, demoCustomer } from './demo-customer.js';
import { dayOf } from './ledger/days.js';
import { openLedger } from './ledger/ledger.js';
import { adviser, demoUser } from './people.js';

/** What the backend is told. */
export interface BackendOptions extends Pick<AuthServerOptions, 'preset' | 'lifetimes' | 'passwordHashing'> {
  readonly dataFolder: string;
  /** The address that browsers see. */
  readonly issuer: string;
  readonly clock: Clock;
}

/** Token server and API with their databases, behind a port of their own; closed and opened again as servers are. */
export interface Backend {
  readonly port: number;
  readonly customer: DemoCustomer;
  close(): Promise<void>;
}

/** Opens the databases and listens on a free port of this machine. */
export async function openBackend({ dataFolder, issuer, clock, ...rest }: BackendOptions): Promise<Backend> {
  const store = openSqliteStore({ path: join(dataFolder, 'latchkey.sqlite') });
  await store.migrate();
  const ledger = openLedger(join(dataFolder, 'bank.sqlite'), dayOf(clock.now()));
  const keys = await keysIn(dataFolder);
  const auth = createAuthServer({ ...rest, store, keys, issuer, clock, claims: claimsOf });
  await auth.start();
  for (const person of [demoUser, adviser]) await seedUser({ auth, store, url: issuer }, person);
  const http = createServer();
  const url = await listenOnLoopback(http, 0);
  const answerAuth = getRequestListener((request, { incoming }) =>
    auth.fetch(request, { remoteAddress: incoming.socket.remoteAddress }),
  );
  const answerApi = createApi({
    verifier: createVerifier({ issuer, clock, jwksUrl: `${url}/.well-known/jwks.json` }),
    pictures: await openPictures(join(dataFolder, 'pictures')),
    ledger,
    now: () => clock.now(),
  });
  http.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (/^\/api(\/|\?|$)/.test(request.url ?? '')) void answerApi(request, response);
    else void answerAuth(request, response);
  });
  return {
    port: Number(new URL(url).port),
    customer: demoCustomer({ store, clock }, demoUser.username),
    async close() {
      await closeServer(http, () => auth.stop());
      ledger.close();
      await store.close();
    },
  };
}

/** The name stands in what a transfer books at the other side; the role opens the adviser's page. */
function claimsOf({
  username,
  profile,
}: Parameters<NonNullable<AuthServerOptions['claims']>>[0]): BankClaims & Record<string, unknown> {
  const { displayName } = profile as { displayName?: unknown };
  const name = typeof displayName === 'string' && displayName ? displayName : username;
  return { name, ...(username === adviser.username && { role: 'adviser' as const }) };
}
