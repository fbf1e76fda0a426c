import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { pipeline } from 'node:stream/promises';

/**
 * Sends a request on to a port of this machine while it comes in, and waits for the head of the answer. Once the server
 * has all of it, its work goes on even if nobody waits for the answer any more.
 * @throws Error when there is no server, or the sender gave up in the middle
 */
export function forward(request: IncomingMessage, port: number): Promise<IncomingMessage> {
  const { method, url: path, headers } = request;
  return new Promise((resolve, reject) => {
    const outgoing = send({ host: '127.0.0.1', port, method, path, headers, agent: false }, resolve);
    outgoing.on('error', reject);
    // A server that has answered and gone must not leave the browser stuck in its upload: it reads the answer after that.
    outgoing.once('close', () => request.resume());
    request.once('close', () => {
      if (!request.complete) outgoing.destroy();
    });
    request.pipe(outgoing);
  });
}

/** Writes the head of the server's answer. */
export function relayHead(from: IncomingMessage, response: ServerResponse): void {
  response.writeHead(from.statusCode ?? 502, withoutHopByHop(from.headers));
}

/** Passes the server's answer on as it comes, so that nothing large lies here and progress shows. */
export async function relay(from: IncomingMessage, response: ServerResponse): Promise<void> {
  relayHead(from, response);
  await pipeline(from, response);
}

/** What belongs to one connection is not passed on. */
function withoutHopByHop(headers: IncomingMessage['headers']): IncomingMessage['headers'] {
  const ofOneConnection = ['connection', 'transfer-encoding', 'keep-alive'];
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !ofOneConnection.includes(name)));
}
