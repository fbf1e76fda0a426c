import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import { createAuthServer, type AuthServer, type Clock, type Lifetimes } from '@latchkey/server';
import { openSqliteStore, type SqliteStore } from '@latchkey/server/sqlite';
import { createVerifier } from '@latchkey/verifier';
import { demoUser } from '../demo-user.js';
import { createApi } from './api.js';
import { pageFolder } from './build-page.js';
import { keysIn } from './key-file.js';
import { servePage } from './page-files.js';
import { openPictures } from './pictures.js';

/** What a demo may be told. */
export interface DemoOptions {
  /** Where users, sessions, keys and pictures are kept; made where it is missing. */
  readonly dataFolder: string;
  /** 0 takes any free port; default 0. */
  readonly port?: number;
  readonly preset?: 'everyday' | 'bank';
  readonly lifetimes?: Partial<Lifetimes>;
  /** Moved by tests; both the token server and the API go by it. */
  readonly clock?: Clock;
  /** The bundled page; default where `buildPage` puts it. */
  readonly pageFolder?: string;
}

/** A running demo. */
export interface Demo {
  /** Its one address: the page at `/`, the API under `/api`, the token server under `/auth`. */
  readonly url: string;
  readonly preset: 'everyday' | 'bank';
  readonly user: typeof demoUser;
  close(): Promise<void>;
}

/**
 * Starts token server, API and page behind one address on loopback, with the demo's account.
 * @throws Error with `code: 'EADDRINUSE'` when the port is taken
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const http = createServer();
  const url = await listenOnLoopback(http, options.port ?? 0);
  try {
    return await assemble(http, url, options);
  } catch (error) {
    http.close();
    throw error;
  }
}

async function assemble(http: Server, url: string, options: DemoOptions): Promise<Demo> {
  const { dataFolder, preset = 'everyday' } = options;
  const clock = options.clock ?? { now: () => Date.now() as ReturnType<Clock['now']> };
  await mkdir(dataFolder, { recursive: true, mode: 0o700 });
  const store = openSqliteStore({ path: join(dataFolder, 'latchkey.db') });
  await store.migrate();
  const auth = createAuthServer({
    store,
    keys: await keysIn(dataFolder),
    issuer: url,
    preset,
    clock,
    ...(options.lifetimes ? { lifetimes: options.lifetimes } : {}),
  });
  await auth.start();
  await seed(auth, store, url);
  const answerAuth = getRequestListener((request, { incoming }) =>
    auth.fetch(request, { remoteAddress: incoming.socket.remoteAddress }),
  );
  const answerApi = createApi({
    verifier: createVerifier({ issuer: url, clock }),
    pictures: await openPictures(join(dataFolder, 'pictures')),
    now: () => clock.now(),
  });
  const answerPage = await servePage(options.pageFolder ?? pageFolder, { https: url.startsWith('https:') });
  http.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (/^\/(auth|\.well-known)(\/|$)/.test(path)) void answerAuth(request, response);
    else if (/^\/api(\/|$)/.test(path)) void answerApi(request, response);
    else answerPage(request, response);
  });
  return { url, preset, user: demoUser, close: () => close(http, auth, store) };
}

/** The address must be known before the token server is made: it is the issuer. */
function listenOnLoopback(http: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, '127.0.0.1', () => resolve(`http://127.0.0.1:${(http.address() as AddressInfo).port}`));
  });
}

/** Makes the demo's account once, by the same call that a browser would make. */
async function seed(auth: AuthServer, store: SqliteStore, url: string): Promise<void> {
  const { username, password, displayName } = demoUser;
  if (await store.users.findByName(username)) return;
  const call = (path: string, body: object): Promise<Response> =>
    auth.fetch(
      new Request(`${url}/auth/${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'idempotency-key': randomUUID() },
        body: JSON.stringify(body),
      }),
    );
  const answer = await call('sign-up', { username, password, profile: { displayName } });
  if (!answer.ok) throw new Error(`The demo's account could not be made: ${await answer.text()}`);
  const { refresh } = (await answer.json()) as { refresh: string };
  // Sign-up also signs in; that session is nobody's.
  await call('sign-out', { refresh });
}

async function close(http: Server, auth: AuthServer, store: SqliteStore): Promise<void> {
  http.close();
  http.closeIdleConnections();
  await auth.stop();
  http.closeAllConnections();
  await store.close();
}
