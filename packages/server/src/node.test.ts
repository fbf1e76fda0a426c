import { Agent, type IncomingMessage, request } from 'node:http';
import { expect, it } from 'vitest';
import type { AuthServer } from './create-auth-server.js';
import { listen } from './node.js';

it('ends the connection with the answer to a request that is under way when it closes, and does not wait longer', async () => {
  let answer: (response: Response) => void = () => undefined;
  let arrived: () => void = () => undefined;
  const hasArrived = new Promise<void>((resolve) => (arrived = resolve));
  const server: AuthServer = {
    fetch: () => {
      arrived();
      return new Promise((resolve) => (answer = resolve));
    },
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
  };
  const listening = await listen(server, { port: 0 });
  const agent = new Agent({ keepAlive: true });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    request(listening.url, { agent }, resolve).on('error', reject).end();
  });
  await hasArrived;
  const before = performance.now();
  const closed = listening.close();
  answer(new Response('done'));
  const response = await answered;
  response.resume();
  await closed;
  agent.destroy();
  expect([response.statusCode, response.headers.connection]).toEqual([200, 'close']);
  // The patience with connections that nobody ends is 5 s.
  expect(performance.now() - before).toBeLessThan(4_000);
});
