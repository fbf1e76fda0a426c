import type { IncomingHttpHeaders } from 'node:http';
import { serveOnLoopback } from '@latchkey/example-shared';

/** A server that should never hear a secret: it answers everybody, preflights too, and keeps all that it hears. */
export interface Eavesdropper {
  readonly port: number;
  readonly heard: { readonly method: string; readonly url: string; readonly headers: IncomingHttpHeaders }[];
  close(): Promise<void>;
}

/** Starts one. Being generous with CORS, it gets everything that the page is willing to send. */
export async function startEavesdropper(): Promise<Eavesdropper> {
  const heard: Eavesdropper['heard'] = [];
  const { port, close } = await serveOnLoopback((request, response) => {
    const { method = '', url = '', headers } = request;
    heard.push({ method, url, headers });
    response.writeHead(200, {
      'access-control-allow-origin': headers.origin ?? '*',
      'access-control-allow-headers': headers['access-control-request-headers'] ?? '*',
      'access-control-allow-methods': '*',
      'content-type': 'application/json',
    });
    response.end('{}');
  });
  return { port, heard, close };
}
