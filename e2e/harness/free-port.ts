import { serveOnLoopback } from '@latchkey/example-shared';

/** For programs that take a port number, not a socket: a port that was free a moment ago has to do. */
export async function freePort(): Promise<number> {
  const { port, close } = await serveOnLoopback(() => undefined);
  await close();
  return port;
}
