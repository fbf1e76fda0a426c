import { movableClock } from '@latchkey/example-shared';
import { generateKeys } from '@latchkey/server';
import { type RunningServer, serve } from '../../../packages/cli/src/command.fixture.js';
import { startApiServer } from '../../harness/api-server.js';
import { freePort } from '../../harness/free-port.js';
import { tempFolder } from '../../harness/temp-folder.js';
import { type Target, accessSeconds, textIn, toleranceSeconds } from './target.js';

/** `latchkey serve` on SQLite, and an API behind the verifier. */
export async function latchkeyTarget(allowOrigin: string): Promise<Target> {
  const port = await freePort();
  const folder = tempFolder();
  const issuer = `http://127.0.0.1:${port}`;
  const keys = JSON.stringify(await generateKeys());
  const strictness = { clock: movableClock(), clockToleranceSeconds: toleranceSeconds };
  const api = await startApiServer({ issuer, jwksUrl: `${issuer}/.well-known/jwks.json`, allowOrigin, ...strictness });
  const log = new Map<string, number>();
  let running: RunningServer | undefined;
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    const { stderr } = (await running?.stop(signal)) ?? { stderr: '' };
    running = undefined;
    for (const [, outcome = ''] of stderr.matchAll(/"event":"refreshed".*"reason":"(\w+)"/g))
      log.set(outcome, (log.get(outcome) ?? 0) + 1);
  };
  return {
    isStrict: false,
    refreshes: /^POST \/auth\/refresh/,
    callPath: '/time',
    entrance: { by: 'signUp', credentials: { username: 'ada', password: 'seven-green-lanterns' } },
    backend: () => ({ kind: 'latchkey' }),
    route: (path) => (path.startsWith('/auth/') ? port : api.port),
    async start() {
      const lifetimes = ['--access-seconds', String(accessSeconds)];
      const place = ['--port', String(port), '--issuer', issuer, '--allow-origin', allowOrigin];
      running = await serve([...place, ...lifetimes, '--migrate', '--log-format', 'json'], {
        cwd: folder.path,
        env: { LATCHKEY_STORE: `sqlite:${folder.path}/sessions.db`, LATCHKEY_KEYS: keys },
      });
    },
    end,
    presented: (body) => textIn(body, 'refresh'),
    issued: (body) => textIn(body, 'refresh'),
    log: () => Object.fromEntries(log),
    async close() {
      await end('SIGKILL');
      await api.close();
      folder.remove();
    },
  };
}
