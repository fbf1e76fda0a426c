import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { serveOnLoopback } from '@latchkey/example-shared';
import { installPageClock } from './page-clock.js';

/** The one way of a WebKit browser to any server. */
export interface PageProxy {
  /** `host:port`. */
  readonly address: string;
  close(): Promise<void>;
}

/** What passes between pages and the test, beside what passes between pages and servers. */
export interface PageLink {
  /** How many milliseconds ahead the clock of a page that loads now is to be; `undefined` leaves it its own. */
  readonly aheadBy: () => number | undefined;
  /** Takes what a page posts to `harnessUrl`. */
  readonly hear: (text: string) => void;
}

/** Where pages post what is for the test; the proxy sends it nowhere. */
export const harnessUrl = 'http://harness.test/';

/**
 * Starts a proxy that does what WebDriver has no command for: every host leads to this machine, pages get a clock that
 * can be moved, and can tell the test something when they like. All else passes as it is.
 */
export async function startPageProxy({ aheadBy, hear }: PageLink): Promise<PageProxy> {
  const { port, close } = await serveOnLoopback((request, response) => {
    if (request.url === harnessUrl) {
      response.writeHead(204, { 'access-control-allow-origin': '*' }).end();
      void text(request).then(hear);
      return;
    }
    // A connection that breaks on one side breaks on the other: that is what many tests are about.
    const breakOff = () => void request.socket.destroy();
    const onward = sendOn(request);
    onward.on('error', breakOff);
    response.on('close', () => onward.destroy());
    onward.on('response', (answer) => {
      relay(answer, response, isPage(request, answer) ? aheadBy() : undefined).catch(breakOff);
    });
    request.pipe(onward);
  });
  return { address: `127.0.0.1:${port}`, close };
}

function sendOn(request: IncomingMessage) {
  const { pathname, search, port, host } = new URL(request.url ?? '');
  const headers = { ...request.headers, host, connection: 'close' };
  const path = pathname + search;
  return send({ agent: false, host: '127.0.0.1', port: port || 80, method: request.method, path, headers });
}

const isPage = ({ headers: asked }: IncomingMessage, { headers }: IncomingMessage): boolean =>
  asked.accept?.startsWith('text/html') === true && headers['content-type']?.startsWith('text/html') === true;

async function relay(answer: IncomingMessage, response: ServerResponse, aheadBy: number | undefined): Promise<void> {
  const headers = { ...answer.headers };
  delete headers.connection;
  const status = answer.statusCode ?? 502;
  if (aheadBy === undefined) return pipeline(answer, response.writeHead(status, headers));
  const page = (await text(answer)).replace(/^<!doctype html>/i, (doctype) => doctype + clockScript(aheadBy));
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(page) }).end(page);
}

const clockScript = (aheadBy: number) => `<script>(${installPageClock.toString()})(${aheadBy})</script>`;
