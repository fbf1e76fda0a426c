import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

/** A screen that nobody sees. */
export interface Display {
  /** Such as `:0`. */
  readonly name: string;
  close(): Promise<void>;
}

/** Starts Xvfb on a number that it chooses itself. @throws Error with what to install when there is none */
export async function openDisplay(): Promise<Display> {
  const args = ['-displayfd', '3', '-nolisten', 'tcp', '-screen', '0', '1280x1024x24'];
  const server = spawn('Xvfb', args, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] });
  const ended = new Promise<never>((_, reject) => {
    server.once('error', () =>
      reject(new Error('WebKit needs a display, and there is no Xvfb. On Debian: apt-get install xvfb')),
    );
    server.once('exit', (code) => reject(new Error(`Xvfb ended with ${code} before it told its display.`)));
  });
  ended.catch(() => undefined);
  const [told] = (await Promise.race([once(server.stdio[3] as Readable, 'data'), ended])) as [Buffer];
  return {
    name: `:${told.toString().trim()}`,
    close: async () => {
      const gone = once(server, 'exit');
      server.kill();
      await gone;
    },
  };
}
