import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '../../harness/temp-folder.js';
import { ServerProcess } from './server-process.js';
import { type Target, accessSeconds, textIn } from './target.js';

const script = fileURLToPath(new URL('oidc-provider.mjs', import.meta.url));

/** oidc-provider on SQLite, rotating; reuse ends the whole grant, and the access tokens with it. Its API is in the same process. */
export async function oidcTarget(): Promise<Target> {
  const folder = tempFolder();
  const server = await ServerProcess.prepare({
    command: process.execPath,
    args: [script],
    env: { DATABASE: join(folder.path, 'oidc.sqlite'), ACCESS_SECONDS: String(accessSeconds) },
    readyPath: '/ready',
  });
  return {
    isStrict: true,
    refreshes: /^POST \/token/,
    callPath: '/api/me',
    entrance: { by: 'signIn', credentials: { username: 'ada' } },
    backend: (url) => ({ kind: 'oauth', url, clientId: 'torture' }),
    route: () => server.port,
    start: () => server.start(),
    end: (signal) => server.end(signal),
    presented: (body) => new URLSearchParams(body).get('refresh_token') ?? undefined,
    issued: (body) => textIn(body, 'refresh_token'),
    log: () => ({}),
    async close() {
      await server.end('SIGKILL');
      folder.remove();
    },
  };
}
