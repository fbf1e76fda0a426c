import { type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getRequestListener } from '@hono/node-server';
import type { AuthServer } from './create-auth-server.js';

/** Where to listen. */
export interface ListenOptions {
  /** 0 for any free port. */
  readonly port: number;
  /** Default `127.0.0.1`. */
  readonly hostname?: string;
  /** Longest wait for the headers of a request, in milliseconds; default 10 s. */
  readonly headersTimeout?: number;
  /** Longest wait for a whole request, in milliseconds; default 20 s. */
  readonly requestTimeout?: number;
}

/** A server that listens. */
export interface Listening {
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly port: number;
  /** Stops accepting, lets requests under way end, then closes. */
  close(): Promise<void>;
}

/**
 * Limits of a connection. Node answers 408 to a request that takes longer, 431 to larger headers, and refuses (400)
 * Content-Length beside Transfer-Encoding, folded headers and bare line ends.
 */
const limits = {
  keepAliveTimeout: 65_000,
  maxHeaderSize: 16 * 1024,
  insecureHTTPParser: false,
} as const;

/** How long a shutdown waits for requests under way, in milliseconds. */
const shutdownTimeout = 5000;

/** Serves an AuthServer over node:http. @throws the system's error, such as EADDRINUSE, when it cannot listen */
export async function listen(server: AuthServer, options: ListenOptions): Promise<Listening> {
  const { port, hostname = '127.0.0.1', headersTimeout = 10_000, requestTimeout = 20_000 } = options;
  const connectionsCheckingInterval = Math.min(2000, headersTimeout / 2);
  const listener = getRequestListener((request, env) =>
    server.fetch(request, { remoteAddress: env.incoming.socket.remoteAddress }),
  );
  const connections = keepAliveUntilClosed();
  const http = createServer(
    { ...limits, headersTimeout, requestTimeout, connectionsCheckingInterval },
    (incoming, outgoing) => {
      connections.track(outgoing);
      void listener(incoming, outgoing);
    },
  );
  await new Promise<void>((resolve, reject) => {
    http.once('error', reject);
    http.listen(port, hostname, () => {
      http.off('error', reject);
      resolve();
    });
  });
  const address = http.address() as AddressInfo;
  const host = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  return {
    url: `http://${host}:${address.port}`,
    port: address.port,
    async close() {
      const closed = new Promise<void>((resolve) => http.close(() => resolve()));
      connections.end();
      http.closeIdleConnections();
      // A client that never finishes its request must not keep the process from ending.
      const impatience = setTimeout(() => http.closeAllConnections(), shutdownTimeout);
      await closed;
      clearTimeout(impatience);
      await server.stop();
    },
  };
}

/**
 * Lets connections be used again, until the server closes: from then on each answer ends its connection. Node would go
 * on serving a busy one, so that a proxy's requests would be cut off in the middle when patience ends.
 */
function keepAliveUntilClosed(): { track(outgoing: ServerResponse): void; end(): void } {
  const underWay = new Set<ServerResponse>();
  let ended = false;
  return {
    track(outgoing) {
      if (ended) outgoing.shouldKeepAlive = false;
      underWay.add(outgoing);
      outgoing.once('close', () => underWay.delete(outgoing));
    },
    end() {
      ended = true;
      for (const outgoing of underWay) outgoing.shouldKeepAlive = false;
    },
  };
}
