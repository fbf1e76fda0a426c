import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

/** Where a request goes on to, on this machine, and how fast. */
export interface Way {
  readonly port: number;
  /** `Infinity` for as fast as it goes. */
  readonly bytesPerSecond: number;
}

/**
 * Sends a request on while it comes in, and waits for the head of the answer. Once the server has all of it, its work
 * goes on even if nobody waits for the answer any more.
 * @throws Error when there is no server, or the sender gave up in the middle
 */
export function forward(request: IncomingMessage, { port, bytesPerSecond }: Way): Promise<IncomingMessage> {
  const { method, url: path, headers } = request;
  return new Promise((resolve, reject) => {
    const outgoing = send({ host: '127.0.0.1', port, method, path, headers, agent: false }, resolve);
    outgoing.on('error', reject);
    request.once('close', () => {
      if (!request.complete) outgoing.destroy();
    });
    outgoing.once('close', () => {
      // A server that has answered and gone must not leave the browser stuck in its upload: it reads the answer after that.
      request.unpipe();
      request.resume();
    });
    (bytesPerSecond === Infinity ? request : request.pipe(paced(bytesPerSecond))).pipe(outgoing);
  });
}

/** Writes the head of the server's answer. */
export function relayHead(from: IncomingMessage, response: ServerResponse): void {
  response.writeHead(from.statusCode ?? 502, withoutHopByHop(from.headers));
}

/** Passes the server's answer on as it comes, so that nothing large lies here and progress shows. */
export async function relay(from: IncomingMessage, response: ServerResponse, bytesPerSecond: number): Promise<void> {
  relayHead(from, response);
  if (bytesPerSecond === Infinity) await pipeline(from, response);
  else await pipeline(from, paced(bytesPerSecond), response);
}

/** Lets so many bytes through in a second. */
function paced(bytesPerSecond: number): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      setTimeout(() => done(null, chunk), (chunk.length / bytesPerSecond) * 1000);
    },
  });
}

/** What belongs to one connection is not passed on. */
function withoutHopByHop(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const ofOneConnection = ['connection', 'transfer-encoding', 'keep-alive'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofOneConnection.includes(name)));
}
