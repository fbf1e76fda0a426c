import { fileURLToPath } from 'node:url';
import { type LoopbackServer, serveOnLoopback } from '@latchkey/example-shared';
import { build } from 'rolldown';
import type { PageSettings } from '../page/told.js';

/** The server of the app. */
export interface PageServer extends LoopbackServer {
  /** What pages find from now on. */
  settings: PageSettings | undefined;
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const sources = (path: string): string => here(`../../../packages/${path}`);

/** Bundles the page from the packages' sources, and serves it. */
export async function startPageServer(): Promise<PageServer> {
  const script = await bundle();
  const listening = await serveOnLoopback((request, response) => {
    const isScript = request.url === '/page.js';
    response.writeHead(200, { 'content-type': isScript ? 'text/javascript' : 'text/html; charset=utf-8' });
    response.end(isScript ? script : html(server.settings));
  });
  const server: PageServer = { ...listening, settings: undefined };
  return server;
}

async function bundle(): Promise<string> {
  const { output } = await build({
    input: here('../page/main.ts'),
    platform: 'browser',
    resolve: {
      extensionAlias: { '.js': ['.ts', '.js'] },
      alias: {
        '@latchkey/client/simple-jwt': sources('client/src/simple-jwt.ts'),
        '@latchkey/client': sources('client/src/index.ts'),
        '@latchkey/protocol': sources('protocol/src/index.ts'),
      },
    },
    logLevel: 'warn',
    write: false,
    output: { format: 'iife' },
  });
  return output[0].code;
}

const html = (settings: PageSettings | undefined): string =>
  `<!doctype html><html lang="en"><meta charset="utf-8"><title>Torture</title><link rel="icon" href="data:,"><body>` +
  `<script>window.tortureSettings = ${JSON.stringify(settings)}</script><script src="/page.js"></script>`;
