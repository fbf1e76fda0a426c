import { readFile, readdir } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.webmanifest': 'application/manifest+json',
};

/** How a page is served. */
export interface PageOptions {
  /** Whether browsers are to insist on https from now on. */
  readonly https: boolean;
  /** The Content-Security-Policy. @see securityPolicy */
  readonly policy: string;
  /** Answers every unknown path without a dot with `index.html`: the page has a router of its own. */
  readonly routes?: boolean;
  /** Writes into `index.html` what the server knows and the build did not. */
  readonly edit?: (html: string) => string;
}

/**
 * Writes a Content-Security-Policy: no inline script or style, no text that becomes code (Trusted Types), no other
 * host. `blob:` is what `session.objectUrl` gives. `more` adds directives, or replaces those of the same name.
 */
export function securityPolicy(more: Readonly<Record<string, string>>): string {
  const directives = {
    'default-src': "'none'",
    'script-src': "'self'",
    'style-src': "'self'",
    'img-src': "'self' blob:",
    'connect-src': "'self'",
    'form-action': "'self'",
    'base-uri': "'none'",
    'frame-ancestors': "'none'",
    'require-trusted-types-for': "'script'",
    ...more,
  };
  return Object.entries(directives)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ');
}

const securityHeaders = {
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** A year and a half, as browsers' preload lists ask for. */
const hsts = { 'strict-transport-security': 'max-age=47304000; includeSubDomains' };

/** Names that bundlers make from the content: what is behind one never changes. */
const named = /-[\w-]{8}\.(js|css)$/;

/** Reads the page's files once, of one folder or of several, and gives what serves them. */
export async function servePage(
  folder: string | readonly string[],
  { https, policy, routes = false, edit = (html) => html }: PageOptions,
): Promise<(request: IncomingMessage, response: ServerResponse) => void> {
  const headers = { ...securityHeaders, 'content-security-policy': policy, ...(https ? hsts : {}) };
  const folders = typeof folder === 'string' ? [folder] : folder;
  const files = new Map((await Promise.all(folders.map(readFiles))).flatMap((found) => [...found]));
  const index = files.get('/index.html');
  if (index) files.set('/index.html', { ...index, body: Buffer.from(edit(index.body.toString())) });
  return (request, response) => {
    // Not parsed as a URL: what is none must be answered, too.
    const path = (request.url ?? '/').replace(/[?#].*/, '');
    const isRoute = path === '/' || (routes && /^\/[^.]*$/.test(path));
    const file = files.get(isRoute ? '/index.html' : path);
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { ...headers, allow: 'GET, HEAD' }).end();
    } else if (!file) {
      response.writeHead(404, { ...headers, 'content-type': 'text/plain' }).end('There is nothing at this address.\n');
    } else {
      const lasting = named.test(path) ? 'public, max-age=31536000, immutable' : 'no-cache';
      response.writeHead(200, { ...headers, 'content-type': file.type, 'cache-control': lasting });
      response.end(request.method === 'HEAD' ? undefined : file.body);
    }
  };
}

async function readFiles(folder: string): Promise<Map<string, { type: string; body: Buffer }>> {
  const files = new Map<string, { type: string; body: Buffer }>();
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    const type = entry.isFile() ? types[extname(entry.name)] : undefined;
    if (!type) continue;
    const path = join(entry.parentPath, entry.name);
    files.set(`/${relative(folder, path).split(sep).join('/')}`, { type, body: await readFile(path) });
  }
  return files;
}
