import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server that listens on this machine alone. */
export interface LoopbackServer {
  readonly port: number;
  /** Such as `http://127.0.0.1:4180`. */
  readonly url: string;
  /** Ends every connection; settled when the port is free again. */
  readonly close: () => Promise<void>;
}

/**
 * Serves on this machine alone; port 0 takes any free one.
 * @throws Error with `code: 'EADDRINUSE'` and the `port` when it is taken
 */
export async function serveOnLoopback(handler: RequestListener, port = 0): Promise<LoopbackServer> {
  const http = createServer(handler);
  const url = await listenOnLoopback(http, port);
  return { url, port: (http.address() as AddressInfo).port, close: () => closeServer(http) };
}

/**
 * Lets a server listen on this machine alone and gives its address; port 0 takes any free one.
 * @throws Error with `code: 'EADDRINUSE'` and the `port` when it is taken
 */
export function listenOnLoopback(http: Server, port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, '127.0.0.1', () => {
      http.off('error', reject);
      resolve(`http://127.0.0.1:${(http.address() as AddressInfo).port}`);
    });
  });
}

/** Stops accepting, waits for `finish`, then ends every connection; settled when the port is free again. */
export async function closeServer(http: Server, finish: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  const closed = new Promise<void>((resolve) => http.close(() => resolve()));
  http.closeIdleConnections();
  await finish();
  http.closeAllConnections();
  await closed;
}
