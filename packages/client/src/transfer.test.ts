import { getEventListeners } from 'node:events';
import {
  type IncomingMessage,
  type Server,
  type ServerResponse,
  createServer,
  request as httpRequest,
} from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { saysInvalidToken } from '@latchkey/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRequestRules } from './core/request-rules.js';
import { type Fetch, createFetch } from './fetch.js';
import { lending } from './lending.js';
import { type Bearer, type RequestSession, createGate } from './request-gate.js';
import type { Session } from './session.js';
import { fakeSession } from './testing/fake-session.js';
import { type Progress, download, upload } from './transfer.js';

/** Node has no XMLHttpRequest: as much of one as an upload needs, over real HTTP. */
class NodeXhr {
  readonly upload: { onprogress?: (event: object) => void } = {};
  onload?: () => void;
  onerror: (() => void) | undefined;
  onloadend?: () => void;
  status = 0;
  statusText = '';
  responseType = '';
  response = new Blob([]);
  #request: ReturnType<typeof httpRequest> | undefined;
  #answer: IncomingMessage | undefined;

  open(method: string, url: string): void {
    this.#request = httpRequest(url, { method, agent: false });
  }

  setRequestHeader(name: string, value: string): void {
    this.#request?.setHeader(name, value);
  }

  getAllResponseHeaders(): string {
    const headers = Object.entries(this.#answer?.headers ?? {});
    return headers.map(([name, value]) => `${name}: ${String(value)}\r\n`).join('');
  }

  abort(): void {
    this.onerror = undefined;
    this.#request?.destroy();
  }

  send(body: Blob | string): void {
    const blob = new Blob([body]);
    this.#request?.on('response', (answer) => void this.#read(answer));
    this.#request?.on('error', () => {
      this.onerror?.();
      this.onloadend?.();
    });
    void blob.arrayBuffer().then((bytes) => {
      for (const loaded of [Math.floor(blob.size / 2), blob.size]) {
        this.upload.onprogress?.({ loaded, total: blob.size, lengthComputable: true });
      }
      this.#request?.end(Buffer.from(bytes));
    });
  }

  async #read(answer: IncomingMessage): Promise<void> {
    const chunks: Buffer<ArrayBuffer>[] = [];
    for await (const chunk of answer) chunks.push(chunk as Buffer<ArrayBuffer>);
    this.#answer = answer;
    this.response = new Blob(chunks);
    this.status = answer.statusCode ?? 0;
    this.statusText = answer.statusMessage ?? '';
    this.onload?.();
    this.onloadend?.();
  }
}

const globals = globalThis as { XMLHttpRequest?: unknown };
const original = globals.XMLHttpRequest;
beforeAll(() => void (globals.XMLHttpRequest = NodeXhr));
afterAll(() => void (globals.XMLHttpRequest = original));

let server: Server;
let base: string;
let received: { method: string; authorization: string | undefined; type: string | undefined; body: string }[];
let answer: (response: ServerResponse, request: IncomingMessage) => void;

beforeEach(async () => {
  received = [];
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { authorization, 'content-type': type } = request.headers;
      received.push({ method: request.method ?? '', authorization, type, body: Buffer.concat(chunks).toString() });
      answer(response, request);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  answer = (response, { headers }) =>
    headers.authorization === 'Bearer token-number-2'
      ? response.writeHead(201, { 'x-id': '7' }).end('stored')
      : response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A session with the rules of a real one, whose refresh always brings `token-number-2`. */
function sessionFor(apis: readonly string[]) {
  const bearer = (number: number): Bearer => ({ accessToken: `token-number-${number}`, owner: 'a' });
  const parts: RequestSession = {
    current: () => bearer(1),
    token: () => Promise.resolve(bearer(1)),
    renewed: () => Promise.resolve(bearer(2)),
    tokens: () => ['token-number-1'],
    owner: () => 'a',
    saysInvalidToken,
    note: () => undefined,
  };
  const parseUrl = (text: string, page?: string): URL | undefined => URL.parse(text, page) ?? undefined;
  const rules = createRequestRules({ apis, pageUrl: () => `${base}/`, parseUrl });
  const gate = createGate(parts, rules);
  const fetchBy = (send: Fetch): Fetch => createFetch(gate, send);
  const fake = fakeSession();
  const fetched = fetchBy((input, init) => fetch(input, init));
  return { ...fake, fetch: fetched, [lending]: { ...fake[lending], gate, fetchBy } };
}

describe('upload', () => {
  it('M9: sends the body with the token, again after a 401, and tells how far it is', async () => {
    const progress: Progress[] = [];
    const { signal } = new AbortController();
    const response = await upload(sessionFor([base]), '/file?x=1', {
      body: new Blob(['picture']),
      method: 'PUT',
      headers: { 'content-type': 'image/png' },
      signal,
      onProgress: (step) => progress.push(step),
    });
    expect([response.status, response.headers.get('x-id'), await response.text()]).toEqual([201, '7', 'stored']);
    const sent = { method: 'PUT', type: 'image/png', body: 'picture' };
    expect(received).toEqual([
      { ...sent, authorization: 'Bearer token-number-1' },
      { ...sent, authorization: 'Bearer token-number-2' },
    ]);
    expect(progress.map(({ loaded }) => loaded)).toEqual([3, 7, 3, 7]);
    expect(progress.map(({ total }) => total)).toEqual([7, 7, 7, 7]);
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  it('M6, M7, M12: keeps the same rules as session.fetch', async () => {
    const other = sessionFor(['https://api.example.com']);
    await upload(other, `${base}/x`, { body: 'x' });
    await upload(sessionFor([base]), `${base}/x`, { body: 'x', headers: { skip: 'true' } });
    expect(received.map(({ authorization, method }) => [authorization, method])).toEqual([
      [undefined, 'POST'],
      [undefined, 'POST'],
    ]);
    const refused = upload(sessionFor([base]), `${base}/?token=1`, { body: 'x' });
    await expect(refused).rejects.toMatchObject({ code: 'ERR_SECRET_IN_URL' });
    expect(received).toHaveLength(2);
  });

  it('gives an answer without a body, and an error status, as fetch does', async () => {
    answer = (response) => response.writeHead(204).end();
    expect((await upload(sessionFor([base]), '/x', { body: 'x' })).status).toBe(204);
    answer = (response) => response.writeHead(413).end('too large');
    expect(await (await upload(sessionFor([base]), '/x', { body: 'x' })).text()).toBe('too large');
  });

  it('without an answer is a TransientError', async () => {
    answer = (response) => response.destroy();
    const lost = upload(sessionFor([base]), '/x', { body: 'x' });
    await expect(lost).rejects.toMatchObject({ kind: 'transient', code: 'ERR_NETWORK' });
  });

  it('is aborted by its signal: before it begins, and while it waits', async () => {
    const reason = new Error('enough');
    const before = upload(sessionFor([base]), '/x', { body: 'x', signal: AbortSignal.abort(reason) });
    await expect(before).rejects.toBe(reason);
    expect(received).toEqual([]);
    const controller = new AbortController();
    answer = () => controller.abort(reason);
    const under = upload(sessionFor([base]), '/x', { body: 'x', signal: controller.signal });
    await expect(under).rejects.toBe(reason);
  });

  it('says what it needs when it is given something else than a session', async () => {
    const copy: Session = { ...sessionFor([base]), ...{ [lending]: undefined } };
    await expect(upload(copy, '/x', { body: 'x' })).rejects.toMatchObject({ kind: 'config' });
  });
});

describe('download', () => {
  const bytes = 'x'.repeat(300_000);
  const load = async (): Promise<{ blob: Blob; progress: Progress[] }> => {
    const progress: Progress[] = [];
    const blob = await download(sessionFor([base]), '/file', { onProgress: (step) => progress.push(step) });
    return { blob, progress };
  };

  it('M9: gives the file with its type, and tells how far it is', async () => {
    answer = (response) =>
      response.writeHead(200, { 'content-type': 'image/png', 'content-length': 300_000 }).end(bytes);
    const { blob, progress } = await load();
    expect([blob.type, await blob.text()]).toEqual(['image/png', bytes]);
    expect(progress.at(-1)).toEqual({ loaded: 300_000, total: 300_000 });
    expect(progress.length).toBeGreaterThan(1);
    expect(received[0]?.authorization).toBe('Bearer token-number-1');
    expect((await download(sessionFor([base]), '/file')).size).toBe(300_000);
  });

  it('leaves the total out where the API compresses: its length is of other bytes', async () => {
    const zipped = gzipSync(bytes.slice(0, 20));
    const headers = { 'content-encoding': 'gzip', 'content-length': zipped.length };
    answer = (response) => response.writeHead(200, headers).end(zipped);
    const { blob, progress } = await load();
    expect(blob.size).toBe(20);
    expect(progress).toEqual([{ loaded: 20, total: undefined }]);
  });

  it('leaves the total out where the API does not say it', async () => {
    answer = (response) => {
      response.write(bytes);
      response.end();
    };
    const { blob, progress } = await load();
    expect(blob.size).toBe(300_000);
    expect(progress.at(-1)).toEqual({ loaded: 300_000, total: undefined });
  });

  it('is a ProtocolError with the status when the API answers an error', async () => {
    answer = (response) => response.writeHead(404).end();
    await expect(load()).rejects.toMatchObject({ kind: 'protocol', status: 404 });
  });

  it('is aborted by its signal', async () => {
    const controller = new AbortController();
    const reason = new Error('enough');
    answer = (response) => response.writeHead(200, { 'content-length': 9 }).write('begun');
    const options = { onProgress: () => controller.abort(reason), signal: controller.signal };
    await expect(download(sessionFor([base]), '/x', options)).rejects.toBe(reason);
  });
});
