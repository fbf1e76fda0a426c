import { readFile, readdir } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/**
 * No inline script or style, no text that becomes code (Trusted Types), no other host. `blob:` is what
 * `session.objectUrl` gives. The one policy is for the address of the service worker.
 */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "worker-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  'trusted-types offline-page',
].join('; ');

const securityHeaders = {
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** A year and a half, as browsers' preload lists ask for. */
const hsts = { 'strict-transport-security': 'max-age=47304000; includeSubDomains' };

/** Reads the page's files once and gives what serves them. */
export async function servePage(
  folder: string,
  options: { https: boolean },
): Promise<(request: IncomingMessage, response: ServerResponse) => void> {
  const headers = { ...securityHeaders, ...(options.https ? hsts : {}) };
  const files = new Map<string, { type: string; body: Buffer }>();
  for (const name of await readdir(folder)) {
    const type = types[extname(name)];
    if (type) files.set(`/${name}`, { type, body: await readFile(join(folder, name)) });
  }
  return (request, response) => {
    const path = new URL(request.url ?? '/', 'http://page').pathname;
    const file = files.get(path === '/' ? '/index.html' : path);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { ...headers, allow: 'GET, HEAD' }).end();
    } else if (!file) {
      response.writeHead(404, { ...headers, 'content-type': 'text/plain' }).end('There is nothing at this address.\n');
    } else {
      response.writeHead(200, { ...headers, 'content-type': file.type, 'cache-control': 'no-cache' });
      response.end(request.method === 'HEAD' ? undefined : file.body);
    }
  };
}
