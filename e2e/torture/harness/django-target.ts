import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { tempFolder } from '../../harness/temp-folder.js';
import { ServerProcess } from './server-process.js';
import { type Target, accessSeconds, textIn, toleranceSeconds } from './target.js';

const command = process.env['LATCHKEY_DJANGO_PYTHON'] ?? '/usr/bin/python3';
const project = fileURLToPath(new URL('../../django/project.py', import.meta.url));

/** Django with SimpleJWT on SQLite, rotating and blacklisting; its API is in the same process. */
export async function djangoTarget(allowOrigin: string): Promise<Target> {
  const folder = tempFolder();
  const env = {
    PYTHONDONTWRITEBYTECODE: '1',
    DATABASE: join(folder.path, 'django.sqlite'),
    DJANGO_SECRET: randomUUID(),
    ALLOWED_ORIGIN: allowOrigin,
    ACCESS_SECONDS: String(accessSeconds),
    LEEWAY_SECONDS: String(toleranceSeconds),
  };
  const credentials = { username: 'ada', password: randomUUID() };
  const run = (...words: string[]) =>
    promisify(execFile)(command, [project, ...words], { env: { ...process.env, ...env } });
  await run('migrate');
  await run('add-user', credentials.username, credentials.password);
  const server = await ServerProcess.prepare({ command, args: [project, 'serve'], env, readyPath: '/ready' });
  return {
    isStrict: true,
    refreshes: /^POST \/api\/token\/refresh\//,
    callPath: '/api/me/',
    entrance: { by: 'signIn', credentials },
    backend: (url) => ({ kind: 'simpleJwt', userUrl: `${url}/api/me/` }),
    route: () => server.port,
    start: () => server.start(),
    end: (signal) => server.end(signal),
    presented: (body) => textIn(body, 'refresh'),
    issued: (body) => textIn(body, 'refresh'),
    log: () => ({}),
    async close() {
      await server.end('SIGKILL');
      folder.remove();
    },
  };
}
