import { type KeyFile, createAuthServer, generateKeys, loadKeys } from '@latchkey/server';
import { listen } from '@latchkey/server/node';
import { type RunningServer, serve } from '../../../packages/cli/src/command.fixture.js';
import { freePort } from '../../harness/free-port.js';
import type { Database } from './databases.js';

/** `latchkey serve`, a process that is killed and started again at the same address. */
export class TokenServer {
  readonly origin: string;
  /** How many refreshes its log tells of, by outcome. What a killed one had not written yet is missing. */
  readonly outcomes = new Map<string, number>();
  readonly #port: number;
  readonly #keys: KeyFile;
  #running: RunningServer | undefined;

  constructor(port: number, keys: KeyFile) {
    this.#port = port;
    this.#keys = keys;
    this.origin = `http://127.0.0.1:${port}`;
  }

  static async prepare(): Promise<TokenServer> {
    return new TokenServer(await freePort(), await generateKeys());
  }

  /** Serves from this process while people sign up: fifty passwords are not hashed at full cost for this. */
  async whileInProcess(database: Database, work: () => Promise<void>): Promise<void> {
    const store = database.open();
    const ignore = (): void => undefined;
    const server = createAuthServer({
      store,
      keys: await loadKeys(this.#keys),
      issuer: this.origin,
      passwordHashing: { memoryKib: 64, passes: 1, parallelism: 1, atMost: 4 },
      logger: { info: ignore, warn: ignore, error: ignore },
    });
    const listening = await listen(server, { port: this.#port });
    try {
      await work();
    } finally {
      await listening.close();
      await store.close();
    }
  }

  async start({ address, folder }: Pick<Database, 'address' | 'folder'>): Promise<void> {
    const args = ['--port', String(this.#port), '--issuer', this.origin, '--log-format', 'json'];
    const env = { LATCHKEY_STORE: address, LATCHKEY_KEYS: JSON.stringify(this.#keys) };
    this.#running = await serve(args, { cwd: folder, env });
  }

  /** Ends the process in whatever it is doing. */
  async kill(): Promise<void> {
    const { stderr } = (await this.#running?.stop('SIGKILL')) ?? { stderr: '' };
    this.#running = undefined;
    for (const [, outcome] of stderr.matchAll(/"event":"refreshed".*"reason":"(\w+)"/g)) {
      if (outcome !== undefined) this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    }
  }
}
