import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { BuiltApp } from './built-app.js';

/** A server that renders an app's pages, in a process of its own. */
export interface Renderer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Starts the server that `ng build` made, from a copy in `folder`: there it finds nothing that it did not bring. */
export async function startRenderer(app: BuiltApp, settings: { apiUrl: string; folder: string }): Promise<Renderer> {
  const copy = join(settings.folder, 'rendering');
  cpSync(join(app.server, '..'), copy, { recursive: true });
  const child = spawn(process.execPath, [join(copy, 'server', 'server.mjs')], {
    cwd: copy,
    env: { PATH: process.env['PATH'], API_URL: settings.apiUrl },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(child, 'exit');
  const lines = createInterface(child.stdout);
  const [line] = await Promise.race([
    once(lines, 'line') as Promise<[string]>,
    ended.then(() => Promise.reject(new Error('The rendering server ended before it listened.'))),
  ]);
  const { port } = JSON.parse(line) as { port: number };
  return {
    port,
    stop: async () => {
      child.kill();
      await ended;
    },
  };
}
