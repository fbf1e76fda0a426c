import { once } from 'node:events';
import { type IncomingMessage, type RequestListener, request as send } from 'node:http';
import { text } from 'node:stream/consumers';
import { describe, expect, onTestFinished, test } from 'vitest';
import { FaultProxy } from './fault-proxy.js';
import type { FaultProxyOptions, Passed } from './faults.js';
import { serveOnLoopback } from './loopback-server.js';

const any = /./;

/** A proxy in front of a server that answers so. */
async function startProxy(answer: RequestListener, options?: FaultProxyOptions) {
  const server = await serveOnLoopback(answer);
  const proxy = await FaultProxy.start(() => server.port, options);
  onTestFinished(async () => {
    await proxy.close();
    await server.close();
  });
  return { proxy, url: `http://127.0.0.1:${proxy.port}` };
}

const ok: RequestListener = (_request, response) => void response.end('fine');

/** Sends a request whose body is written by hand, and waits for the head of the answer. */
function sendSlowly(url: string, headers: Record<string, string> = {}) {
  const outgoing = send(url, { method: 'PUT', headers });
  const answer = new Promise<IncomingMessage>((resolve, reject) =>
    outgoing.on('response', resolve).on('error', reject),
  );
  return { outgoing, answer };
}

describe('what nothing befalls', () => {
  test('goes through as it comes, in both directions', async () => {
    const { url } = await startProxy((request, response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      request.on('data', (chunk: Buffer) => response.write(`heard ${chunk.toString()}. `));
      request.on('end', () => response.end('done'));
    });
    const { outgoing, answer } = sendSlowly(url);
    outgoing.write('one');
    const heard = await answer;
    const chunks: string[] = [];
    heard.on('data', (chunk: Buffer) => chunks.push(chunk.toString()));
    await expect.poll(() => chunks.join('')).toBe('heard one. ');
    outgoing.end('two');
    await expect.poll(() => chunks.join('')).toBe('heard one. heard two. done');
  });

  test('keeps its length, its status and its headers', async () => {
    const { url } = await startProxy((_request, response) => {
      response.writeHead(418, { 'content-length': 5, 'x-more': 'yes' }).end('short');
    });
    const answer = await fetch(url);
    expect([answer.status, answer.headers.get('content-length'), answer.headers.get('x-more')]).toEqual([
      418,
      '5',
      'yes',
    ]);
    expect(await answer.text()).toBe('short');
  });

  test('may be answered before all of it has come: then the rest is let go by, though the server is gone', async () => {
    let isGone = false;
    const { url } = await startProxy((request, response) => {
      request.socket.once('close', () => (isGone = true));
      response.writeHead(413, { connection: 'close' }).end('too large');
    });
    const { outgoing, answer } = sendSlowly(url);
    outgoing.write('x');
    const heard = await answer;
    expect([heard.statusCode, await text(heard)]).toEqual([413, 'too large']);
    await expect.poll(() => isGone).toBe(true);
    outgoing.end(Buffer.alloc(20_000_000));
    await once(outgoing, 'finish');
  });

  test('and is given up in the middle, is given up at the server, too', async () => {
    const seen: IncomingMessage[] = [];
    const { url } = await startProxy((request) => void seen.push(request.resume()));
    const { outgoing, answer } = sendSlowly(url, { 'content-length': '1000' });
    answer.catch(() => undefined);
    outgoing.write('half');
    await expect.poll(() => seen.length).toBe(1);
    outgoing.destroy();
    await expect.poll(() => seen[0]!.destroyed).toBe(true);
    expect(seen[0]!.complete).toBe(false);
  });

  test('is done to its end by the server, though nobody waits for the answer any more', async () => {
    const work: string[] = [];
    let finish = (): void => undefined;
    const { url } = await startProxy((request, response) => {
      finish = () => response.end('done', () => work.push('done'));
      void text(request).then((body) => work.push(body));
    });
    const { outgoing, answer } = sendSlowly(url);
    answer.catch(() => undefined);
    outgoing.end('all of it');
    await expect.poll(() => work).toEqual(['all of it']);
    outgoing.destroy();
    finish();
    await expect.poll(() => work).toEqual(['all of it', 'done']);
  });

  test('finds a dead line where nobody listens', async () => {
    const proxy = await FaultProxy.start(() => undefined);
    onTestFinished(() => proxy.close());
    await expect(fetch(`http://127.0.0.1:${proxy.port}`)).rejects.toThrow();
  });
});

describe('a fault', () => {
  test('strikes so many times, the oldest first, and not where it does not match', async () => {
    const { proxy, url } = await startProxy(ok);
    const first = proxy.fail(/^GET \/a/, { kind: 'answer', status: 503 }, 2);
    const second = proxy.fail(/^GET \/a/, { kind: 'answer', status: 500 });
    const statuses: number[] = [];
    for (const path of ['/b', '/a', '/a', '/a', '/b']) statuses.push((await fetch(url + path)).status);
    expect(statuses).toEqual([200, 503, 503, 500, 200]);
    expect([first.hits, second.hits]).toEqual([2, 1]);
    second.lift();
    expect((await fetch(`${url}/a`)).status).toBe(200);
  });

  test('that loses the answer lets the server work, one that loses the request does not', async () => {
    let worked = 0;
    const { proxy, url } = await startProxy((request, response) => {
      worked += 1;
      ok(request, response);
    });
    proxy.fail(any, { kind: 'drop-response' }, 1);
    await expect(fetch(url, { method: 'POST' })).rejects.toThrow();
    expect(worked).toBe(1);
    proxy.fail(any, { kind: 'drop-request' }, 1);
    await expect(fetch(url, { method: 'POST' })).rejects.toThrow();
    expect(worked).toBe(1);
  });

  test('that cuts an answer lets half of it through, and then the connection dies', async () => {
    const { proxy, url } = await startProxy((_request, response) => {
      response.writeHead(200, { 'content-length': 8 }).end('12345678');
    });
    proxy.fail(any, { kind: 'cut-response' }, 1);
    const { outgoing, answer } = sendSlowly(url);
    outgoing.end();
    let heard = '';
    const half = await answer;
    await new Promise((resolve) =>
      half.on('data', (chunk: Buffer) => (heard += chunk.toString())).on('error', resolve),
    );
    expect(heard).toBe('1234');
  });

  test('that slows down does so on the way to the server, until it is lifted', async () => {
    const { proxy, url } = await startProxy(ok);
    const slow = proxy.slow(any, { milliseconds: 150 });
    await fetch(url);
    slow.lift();
    await fetch(url);
    await expect.poll(() => proxy.passed.every(({ end }) => end)).toBe(true);
    const [slowed, usual] = proxy.passed.map(({ end }) => end!.milliseconds);
    expect(slowed).toBeGreaterThanOrEqual(145);
    expect(usual).toBeLessThan(145);
    expect(slow.hits).toBe(1);
  });
});

test('a line that carries so many bytes a second does so each way, and all of them', async () => {
  const { proxy, url } = await startProxy((request, response) => void request.pipe(response));
  proxy.slow(any, { bytesPerSecond: 2_000_000 });
  const began = performance.now();
  const body = Buffer.alloc(400_000, 'content');
  const answer = await fetch(url, { method: 'POST', body });
  expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
  expect(performance.now() - began).toBeGreaterThan(195);
});

describe('what went by', () => {
  test('is told when it comes and when it is over, with how it ended', async () => {
    const told: Passed[] = [];
    const { proxy, url } = await startProxy(ok, { watch: (passed) => told.push({ ...passed }) });
    await fetch(`${url}/a?b=c`, { headers: { 'idempotency-key': 'key' } });
    proxy.fail(any, { kind: 'drop-response' }, 1);
    await expect(fetch(url, { method: 'POST' })).rejects.toThrow();
    await expect.poll(() => told).toHaveLength(4);
    expect(told.map(({ path, idempotencyKey, fault, end }) => [path, idempotencyKey, fault, end?.status])).toEqual([
      ['/a', 'key', undefined, undefined],
      ['/a', 'key', undefined, 200],
      ['/', undefined, 'drop-response', undefined],
      ['/', undefined, 'drop-response', undefined],
    ]);
    expect(told.map(({ end }) => end !== undefined)).toEqual([false, true, false, true]);
  });

  test('is told with what the server answered, though it was lost, and with both bodies where they are asked for', async () => {
    const echo: RequestListener = (request, response) =>
      void text(request).then((sent) => response.end(`${sent}, too`));
    const { proxy, url } = await startProxy(echo, { keepBodies: /^POST \/kept/ });
    proxy.fail(/kept/, { kind: 'drop-response' }, 1);
    await expect(fetch(`${url}/kept`, { method: 'POST', body: 'one' })).rejects.toThrow();
    proxy.fail(/dropped/, { kind: 'drop-request' }, 1);
    await expect(fetch(`${url}/dropped`, { method: 'POST', body: 'two' })).rejects.toThrow();
    const answer = await fetch(`${url}/kept`, { method: 'POST', body: 'three' });
    expect(await answer.text()).toBe('three, too');
    await fetch(`${url}/other`, { method: 'POST', body: 'four' });
    expect(proxy.passed.map(({ served, bodies }) => [served, bodies])).toEqual([
      [200, { sent: 'one', served: 'one, too' }],
      [undefined, undefined],
      [200, { sent: 'three', served: 'three, too' }],
      [200, undefined],
    ]);
  });

  test('is told with what was sent, though the server died of it', async () => {
    const die: RequestListener = (request) => void text(request).then(() => request.socket.destroy());
    const { proxy, url } = await startProxy(die, { keepBodies: any });
    await expect(fetch(url, { method: 'POST', body: 'one' })).rejects.toThrow();
    expect(proxy.passed.map(({ served, bodies }) => [served, bodies])).toEqual([
      [undefined, { sent: 'one', served: '' }],
    ]);
  });

  test('is forgotten, the oldest first, where the proxy is told to remember so many', async () => {
    const { proxy, url } = await startProxy(ok, { remember: 2 });
    for (const path of ['/1', '/2', '/3']) await fetch(url + path);
    expect(proxy.passed.map(({ path }) => path)).toEqual(['/2', '/3']);
  });
});
