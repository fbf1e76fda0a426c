import { mkdir } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { getRequestListener } from '@hono/node-server';
import {
  closeServer,
  keysIn,
  listenOnLoopback,
  openPictures,
  securityPolicy,
  seedUser,
  servePage,
} from '@latchkey/example-shared';
import { createAuthServer, type Clock, type Lifetimes } from '@latchkey/server';
import { openSqliteStore } from '@latchkey/server/sqlite';
import { createVerifier } from '@latchkey/verifier';
import { demoUser } from '../demo-user.js';
import { createApi } from './api.js';
import { pageFolder } from './build-page.js';

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

/** The one policy of Trusted Types is for the address of the service worker. */
const policy = securityPolicy({ 'worker-src': "'self'", 'trusted-types': 'offline-page' });

/**
 * Starts token server, API and page behind one address on loopback, with the demo's account.
 * @throws Error with `code: 'EADDRINUSE'` when the port is taken
 */
export async function startDemo(options: DemoOptions): Promise<Demo> {
  const http = createServer();
  // The address must be known before the token server is made: it is the issuer.
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
  await seedUser({ auth, store, url }, demoUser);
  const answerAuth = getRequestListener((request, { incoming }) =>
    auth.fetch(request, { remoteAddress: incoming.socket.remoteAddress }),
  );
  const answerApi = createApi({
    verifier: createVerifier({ issuer: url, clock }),
    pictures: await openPictures(join(dataFolder, 'pictures')),
    now: () => clock.now(),
  });
  const answerPage = await servePage(options.pageFolder ?? pageFolder, { https: url.startsWith('https:'), policy });
  http.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
    if (/^\/(auth|\.well-known)(\/|$)/.test(path)) void answerAuth(request, response);
    else if (/^\/api(\/|$)/.test(path)) void answerApi(request, response);
    else answerPage(request, response);
  });
  const close = async (): Promise<void> => {
    await closeServer(http, () => auth.stop());
    await store.close();
  };
  return { url, preset, user: demoUser, close };
}
