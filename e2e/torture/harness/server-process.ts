import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../../harness/free-port.js';
import { until } from '../../harness/until.js';

/** How a server is started; its port follows as the last argument. */
export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** A path that it answers when it is ready. */
  readonly readyPath: string;
}

/** A server in a process of its own, always at the same port. It ends when its standard input does. */
export class ServerProcess {
  readonly port: number;
  readonly #program: Program;
  #child: ChildProcess | undefined;

  private constructor(port: number, program: Program) {
    this.port = port;
    this.#program = program;
  }

  static async prepare(program: Program): Promise<ServerProcess> {
    return new ServerProcess(await freePort(), program);
  }

  async start(): Promise<void> {
    const { command, args, env, readyPath } = this.#program;
    this.#child = spawn(command, [...args, String(this.port)], {
      env: { ...process.env, ...env },
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    await until(() => answers(`http://127.0.0.1:${this.port}${readyPath}`), { what: `${command} answers` });
  }

  async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child;
    if (child?.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }
}

const answers = (url: string): Promise<boolean> =>
  fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
