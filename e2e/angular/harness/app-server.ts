import { existsSync, readFileSync, statSync } from 'node:fs';
import { type IncomingMessage, type ServerResponse, request as send } from 'node:http';
import { extname, join } from 'node:path';
import { serveOnLoopback } from '@latchkey/example-shared';

/** Serves a built app: its files, and for every other path the page, or what a server renders. */
export interface AppServer {
  readonly origin: string;
  /** What `/environment.js` tells the app. */
  apiUrl: string;
  /** Where pages are rendered, a port on 127.0.0.1; 0 in an app that is rendered by the browser alone. */
  renderer: number;
  /** An address that the build has in it, which is served as `apiUrl`. */
  builtFor: string | undefined;
  close(): Promise<void>;
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.map': 'application/json',
};

/** Starts it on a free port of 127.0.0.1, over the `browser` folder of a build. */
export async function startAppServer(folder: string): Promise<AppServer> {
  const { port, close } = await serveOnLoopback((request, response) => answer(request, response));
  const server: AppServer = { origin: `http://127.0.0.1:${port}`, apiUrl: '', renderer: 0, builtFor: undefined, close };
  return server;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? '/', server.origin);
    const file = join(folder, pathname);
    if (pathname === '/environment.js') {
      response.writeHead(200, { 'content-type': 'text/javascript' });
      response.end(`globalThis.apiUrl = ${JSON.stringify(server.apiUrl)};`);
    } else if (existsSync(file) && statSync(file).isFile()) give(response, file);
    else if (server.renderer) render(request, response);
    else give(response, join(folder, 'index.html'));
  }

  function give(response: ServerResponse, file: string): void {
    response.writeHead(200, { 'content-type': types[extname(file)] ?? 'application/octet-stream' });
    const { builtFor, apiUrl } = server;
    response.end(builtFor ? readFileSync(file, 'utf8').replaceAll(builtFor, apiUrl) : readFileSync(file));
  }

  function render(request: IncomingMessage, response: ServerResponse): void {
    const { method, url: path, headers } = request;
    const rendering = send(
      { host: '127.0.0.1', port: server.renderer, method, path, headers, agent: false },
      (page) => {
        response.writeHead(page.statusCode ?? 502, page.headers);
        page.pipe(response);
      },
    );
    rendering.once('error', () => response.writeHead(502).end());
    request.pipe(rendering);
  }
}
