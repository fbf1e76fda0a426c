import { readFileSync } from 'node:fs';
import { serveOnLoopback } from '@latchkey/example-shared';
import { pageScript } from './bundles.js';
import type { PageOptions } from './page/page-options.js';

/** The server of the app: one bare page that creates a session with the options that the test chose. */
export interface PageServer {
  readonly origin: string;
  /** What the page will find at its next load; `undefined`: it creates no session by itself. */
  options: PageOptions | undefined;
  /** Script that runs before the page's own: a browser that misbehaves. */
  preamble: string;
  /** The `Cookie` headers that came in. */
  readonly cookies: string[];
  close(): Promise<void>;
}

/** Serves `/` (and any other path without an extension) as the page, `/page.js` as its script. */
export async function startPageServer(host = '127.0.0.1'): Promise<PageServer> {
  const cookies: string[] = [];
  const { port, close } = await serveOnLoopback((request, response) => {
    if (request.headers.cookie !== undefined) cookies.push(request.headers.cookie);
    if (request.url === '/page.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' }).end(readFileSync(pageScript));
    } else {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(html(server));
    }
  });
  const server: PageServer = { origin: `http://${host}:${port}`, options: undefined, preamble: '', cookies, close };
  return server;
}

/** A page as an app's: its script creates the session while it loads. */
function html({ options, preamble }: PageServer): string {
  const json = JSON.stringify(options ?? null).replace(/</g, '\\u003c');
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Latchkey test page</title>
<link rel="icon" href="data:,"><body><script>${preamble}</script><script>window.pageOptions = ${json}</script><script src="/page.js"></script>`;
}
