import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { freePort } from '../harness/free-port.js';
import { tempFolder } from '../harness/temp-folder.js';
import { until } from '../harness/until.js';

/** A real Django with SimpleJWT, on a database of its own. */
export interface DjangoServer {
  readonly port: number;
  addUser(name: string, password: string): Promise<void>;
  /** Moves the clock that issues and checks tokens on. */
  advance(milliseconds: number): Promise<void>;
  stop(): Promise<void>;
}

const python = process.env['LATCHKEY_DJANGO_PYTHON'] ?? '/usr/bin/python3';
const project = fileURLToPath(new URL('project.py', import.meta.url));

/** Starts Django for an app of this origin; resolves when it answers. */
export async function startDjango(settings: { allowedOrigin: string; accessSeconds: number }): Promise<DjangoServer> {
  const folder = tempFolder();
  const env = {
    ...process.env,
    PYTHONDONTWRITEBYTECODE: '1',
    DATABASE: join(folder.path, 'django.sqlite'),
    ALLOWED_ORIGIN: settings.allowedOrigin,
    ACCESS_SECONDS: String(settings.accessSeconds),
  };
  const run = (...words: string[]) => promisify(execFile)(python, [project, ...words], { env });
  await run('migrate').catch(explain);
  const port = await freePort();
  // It ends when its standard input does, so that it does not outlive a test run that was killed.
  const child = spawn(python, [project, 'serve', String(port)], { env, stdio: ['pipe', 'ignore', 'ignore'] });
  await until(() => answers(port), { what: 'Django answers' });
  let ahead = 0;
  return {
    port,
    addUser: async (name, password) => {
      await run('add-user', name, password);
    },
    advance: async (by) => {
      ahead += by;
      await fetch(`http://127.0.0.1:${port}/clock`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ahead: ahead / 1000 }),
      });
    },
    stop: async () => {
      await end(child);
      folder.remove();
    },
  };
}

async function answers(port: number): Promise<boolean> {
  try {
    return (await fetch(`http://127.0.0.1:${port}/ready`)).ok;
  } catch {
    return false;
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.kill('SIGKILL');
  await once(child, 'exit');
}

function explain(cause: unknown): never {
  throw new Error(
    `${python} cannot run the Django project. On Debian: apt-get install python3-django python3-djangorestframework python3-djangorestframework-simplejwt. Elsewhere, name a Python that has them: LATCHKEY_DJANGO_PYTHON=/path/to/python3`,
    { cause },
  );
}
