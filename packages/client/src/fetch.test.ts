import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SignedOutError, TransientError, saysInvalidToken } from '@latchkey/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { simpleJwt } from './backends/simple-jwt.js';
import { type RequestRulesOptions, createRequestRules } from './core/request-rules.js';
import { type Fetch, createFetch } from './fetch.js';
import { type Bearer, type RequestSession, createGate } from './request-gate.js';

interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A real server that keeps what it received and answers as its script says. */
class TestServer {
  readonly received: Received[] = [];
  readonly #server: Server;
  answer: (request: Received, response: ServerResponse) => unknown = (_, response) => response.end('{}');

  constructor() {
    this.#server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { method = '', url: path = '', headers } = request;
        const received = { method, path, headers, body: Buffer.concat(chunks).toString('latin1') };
        this.received.push(received);
        void this.answer(received, response);
      });
    });
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  of(path: string): Received[] {
    return this.received.filter((request) => request.path === path);
  }

  authorizations(path: string): (string | undefined)[] {
    return this.of(path).map(({ headers }) => headers.authorization);
  }
}

/** A promise to be opened by the test: what waits for it happens exactly then. */
function gate(): { opened: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

/** The smallest session that keeps the contract: a refresh is a request to the server, shared by all who wait. */
class TestSession implements RequestSession {
  user: string | undefined = 'a';
  accessToken: string | undefined = 'token-number-1';
  fresh = true;
  readonly notes: string[] = [];
  readonly asked: { strict: boolean }[] = [];
  saysInvalidToken: RequestSession['saysInvalidToken'] = saysInvalidToken;
  readonly #refreshUrl: string;
  #flight: Promise<Bearer> | undefined;

  constructor(refreshUrl: string) {
    this.#refreshUrl = refreshUrl;
  }

  current(): Bearer | undefined {
    return this.fresh ? this.#bearer() : undefined;
  }

  async token({ signal, strict = false }: { signal?: AbortSignal | undefined; strict?: boolean }) {
    this.asked.push({ strict });
    if (this.user === undefined) return undefined;
    return this.fresh ? this.#bearer() : unlessAborted(this.#refresh(), signal);
  }

  async renewed(refused: Bearer, signal?: AbortSignal): Promise<Bearer> {
    const now = this.#bearer();
    if (now?.owner !== refused.owner) throw new SignedOutError('ERR_SESSION_CHANGED', 'Another is here.');
    return now.accessToken === refused.accessToken ? unlessAborted(this.#refresh(), signal) : now;
  }

  tokens(): string[] {
    return this.accessToken === undefined ? [] : [this.accessToken];
  }

  owner(): string | undefined {
    return this.user;
  }

  note(type: string, reason?: string): void {
    this.notes.push(reason === undefined ? type : `${type} ${reason}`);
  }

  signIn(user: string, accessToken: string): void {
    this.user = user;
    this.accessToken = accessToken;
    this.fresh = true;
  }

  signOut(): void {
    this.user = this.accessToken = undefined;
    this.fresh = false;
  }

  #bearer(): Bearer | undefined {
    if (this.user === undefined || this.accessToken === undefined) return undefined;
    return { accessToken: this.accessToken, owner: this.user };
  }

  #refresh(): Promise<Bearer> {
    this.#flight ??= this.#load().finally(() => (this.#flight = undefined));
    return this.#flight;
  }

  async #load(): Promise<Bearer> {
    const response = await fetch(this.#refreshUrl, { method: 'POST' });
    if (!response.ok) throw new TransientError('ERR_SERVER', 'The token server is not well.');
    const { access } = (await response.json()) as { access: string };
    if (this.user !== undefined) this.signIn(this.user, access);
    const bearer = this.#bearer();
    if (!bearer) throw new SignedOutError('ERR_SIGNED_OUT', 'Signed out.');
    return bearer;
  }
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => reject(signal?.reason as Error);
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort);
    promise.then(resolve, reject);
  });
}

const badToken = { 'www-authenticate': 'Bearer error="invalid_token"' };
const streamed = (...chunks: string[]): RequestInit => {
  return { method: 'POST', body: new Blob(chunks).stream(), duplex: 'half' } as RequestInit;
};

let api: TestServer;
let other: TestServer;
let session: TestSession;
let send: Fetch;
/** Tokens that the API takes; a refresh gives the next one and takes the others away. */
let valid: Set<string>;
let refresh: (response: ServerResponse) => unknown;

beforeEach(async () => {
  [api, other] = await Promise.all([new TestServer().start(), new TestServer().start()]);
  session = new TestSession(`${api.url}/auth/refresh`);
  valid = new Set(['token-number-1']);
  refresh = (response) => {
    const access = `token-number-${Number(session.accessToken?.slice(13)) + 1}`;
    valid = new Set([access]);
    response.end(JSON.stringify({ access }));
  };
  api.answer = ({ path, headers, body }, response) => {
    if (path === '/auth/refresh') return refresh(response);
    const known = valid.has(headers.authorization?.slice(7) ?? '');
    return known ? response.end(body) : response.writeHead(401, badToken).end();
  };
  send = sendWith({});
});

afterEach(async () => {
  await Promise.all([api.stop(), other.stop()]);
});

const parseUrl = (text: string, base?: string): URL | undefined => URL.parse(text, base) ?? undefined;

function sendWith(options: Partial<RequestRulesOptions>, port: Fetch = (input, init) => fetch(input, init)): Fetch {
  const pageUrl = (): string => `${api.url}/page/`;
  return createFetch(createGate(session, createRequestRules({ apis: [api.url], pageUrl, parseUrl, ...options })), port);
}

const refreshes = (): number => api.of('/auth/refresh').length;
/** Makes the API answer 401 until the next refresh. */
const revokeToken = (): void => valid.clear();
const oldAndNew = ['Bearer token-number-1', 'Bearer token-number-2'];

describe('session.fetch', () => {
  it('M6: sends the token to the API and to nobody else', async () => {
    await send(`${api.url}/x`);
    await send(`${other.url}/x`);
    await send(`${other.url}/y`, { headers: { 'x-mine': '1' } });
    expect(api.authorizations('/x')).toEqual(['Bearer token-number-1']);
    expect(other.received.map(({ headers }) => headers.authorization)).toEqual([undefined, undefined]);
    expect(other.of('/y')[0]?.headers['x-mine']).toBe('1');
  });

  it.each([
    ['a text', (url: string) => url],
    ['a URL', (url: string) => new URL(url)],
    ['a Request', (url: string) => new Request(url)],
    ['a Request and init', (url: string) => new Request(url, { headers: { lost: '1' } }), { headers: { kept: '1' } }],
  ])('U11, E29: decides alike for %s', async (_, make: (url: string) => RequestInfo | URL, init?: RequestInit) => {
    expect((await send(make(`${api.url}/x`), init)).status).toBe(200);
    await send(make(`${other.url}/x`), init);
    await send(make(api.url.replace('127.0.0.1', 'localhost') + '/x'), init);
    expect(api.authorizations('/x')).toEqual(['Bearer token-number-1', undefined]);
    expect(other.authorizations('/x')).toEqual([undefined]);
    expect(api.of('/x')[0]?.headers).toMatchObject(init ? { kept: '1' } : {});
    expect(api.of('/x')[0]?.headers).not.toHaveProperty('lost');
  });

  it('U12, E29: a redirect to another origin does not carry the token there', async () => {
    api.answer = (_, response) => response.writeHead(302, { location: `${other.url}/stolen` }).end();
    await send(`${api.url}/x`);
    expect(api.authorizations('/x')).toEqual(['Bearer token-number-1']);
    expect(other.authorizations('/stolen')).toEqual([undefined]);
  });

  it.each([
    ['a text', (url: string) => url],
    ['a Request', (url: string) => new Request(url)],
  ])('calls fetch before it returns when the token is fresh, for %s', (_, make) => {
    let calls = 0;
    const counted = sendWith({}, () => {
      calls++;
      return Promise.resolve(new Response());
    });
    void counted(make(`${api.url}/x`));
    expect(calls).toBe(1);
  });

  it('leaves an Authorization header of the app alone, and its 401 too', async () => {
    const response = await send(`${api.url}/x`, { headers: { Authorization: 'Basic bWU6aHVudGVyMg==' } });
    expect(response.status).toBe(401);
    expect(api.authorizations('/x')).toEqual(['Basic bWU6aHVudGVyMg==']);
    expect(refreshes()).toBe(0);
  });

  it('waits for a session that is still being restored, and sends as its user', async () => {
    const restored = gate();
    session.signOut();
    session.token = async () => {
      await restored.opened;
      return session.current();
    };
    const answer = send(`${api.url}/x`);
    session.signIn('a', 'token-number-1');
    restored.open();
    expect((await answer).status).toBe(200);
  });

  it('sends without a token when nobody is signed in', async () => {
    session.signOut();
    expect((await send(`${api.url}/x`)).status).toBe(401);
    expect(api.authorizations('/x')).toEqual([undefined]);
    expect(refreshes()).toBe(0);
  });

  it('M12: sends nothing when a secret stands in the URL, and says so without repeating it', async () => {
    const request = new Request(`${api.url}/x?password=hunter2`, { method: 'POST', body: 'kept' });
    const error = await send(request).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'request-refused', code: 'ERR_SECRET_IN_URL' });
    expect(String(error)).not.toContain('hunter2');
    await expect(send(`${other.url}/?x=token-number-1`)).rejects.toMatchObject({ code: 'ERR_SECRET_IN_URL' });
    expect([...api.received, ...other.received]).toEqual([]);
    expect(request.bodyUsed).toBe(false);
    expect(session.notes).toEqual(['request_refused ERR_SECRET_IN_URL', 'request_refused ERR_SECRET_IN_URL']);
  });

  it('M12: with `secretsInUrl: warn` sends, and notes it', async () => {
    await sendWith({ secretsInUrl: 'warn' })(`${api.url}/x?password=hunter2`);
    expect(api.authorizations('/x?password=hunter2')).toEqual([oldAndNew[0]]);
    expect(session.notes).toEqual(['request_warned ERR_SECRET_IN_URL']);
  });

  it('sends what was judged, even if the app changes its URL object while the request waits', async () => {
    session.fresh = false;
    const url = new URL(`${api.url}/x`);
    const answer = send(url);
    url.href = `${other.url}/stolen`;
    expect((await answer).status).toBe(200);
    expect(other.received).toEqual([]);
  });
});

describe('the header skip', () => {
  it('M7: asks for no token and never leaves the browser', async () => {
    await send(`${api.url}/x`, { headers: { skip: 'true' } });
    await send(new Request(`${api.url}/x`, { headers: { skip: 'true' } }));
    await send(`${other.url}/x`, { headers: { skip: 'true' } });
    for (const { headers } of [...api.received, ...other.received]) {
      expect(headers).not.toHaveProperty('skip');
      expect(headers).not.toHaveProperty('authorization');
    }
    expect(api.received.length + other.received.length).toBe(3);
    expect(refreshes()).toBe(0);
  });

  it('M7: with another value is an error in development, and nothing is sent', async () => {
    const answer = send(`${api.url}/x`, { headers: { skip: '1' } });
    await expect(answer).rejects.toMatchObject({ code: 'ERR_SKIP_VALUE', kind: 'request-refused' });
    expect(api.received).toEqual([]);
  });
});

describe('a 401', () => {
  it('that says that the token is bad is answered by one refresh and one repeat', async () => {
    revokeToken();
    const response = await send(`${api.url}/x`);
    expect(response.status).toBe(200);
    expect(api.authorizations('/x')).toEqual(oldAndNew);
    expect(refreshes()).toBe(1);
    expect(session.notes).toEqual(['replayed']);
  });

  it('that says anything else is the app’s', async () => {
    api.answer = (_, response) => response.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end('mine');
    const response = await send(`${api.url}/x`);
    expect([response.status, await response.text()]).toEqual([401, 'mine']);
    expect(api.received).toHaveLength(1);
  });

  it('is a 401: the same words with another status are the app’s', async () => {
    api.answer = (_, response) => response.writeHead(403, badToken).end();
    expect((await send(`${api.url}/x`)).status).toBe(403);
    expect(api.received).toHaveLength(1);
  });

  it('is read as the backend reads it, and the app still gets its body', async () => {
    const backend = simpleJwt()({ apiUrl: api.url });
    session.saysInvalidToken = (challenge, read) => backend.saysInvalidToken(challenge, read);
    let body = '{"code":"token_not_valid"}';
    api.answer = ({ path }, response) =>
      path === '/auth/refresh' ? refresh(response) : response.writeHead(401).end(body);
    const refused = await send(`${api.url}/x`);
    expect(await refused.text()).toBe(body);
    expect(api.authorizations('/x')).toEqual(oldAndNew);
    body = 'not JSON';
    expect(await (await send(`${api.url}/y`)).text()).toBe('not JSON');
    expect(api.of('/y')).toHaveLength(1);
  });

  it('E16: to 50 requests at once, some of them late, makes one refresh and 50 successes', async () => {
    const late = gate();
    const { answer } = api;
    api.answer = async (request, response) => {
      const isLate = request.path.endsWith('7') && request.headers.authorization === oldAndNew[0];
      if (isLate) await late.opened;
      await answer(request, response);
    };
    revokeToken();
    const answers = Array.from({ length: 50 }, (_, index) => send(`${api.url}/${index}`));
    const early = answers.filter((_, index) => index % 10 !== 7);
    await Promise.all(early);
    late.open();
    expect((await Promise.all(answers)).map(({ status }) => status)).toEqual(Array(50).fill(200));
    expect(refreshes()).toBe(1);
  });

  it('E17: for a token that has been replaced meanwhile is repeated without a refresh', async () => {
    const { answer } = api;
    api.answer = async (request, response) => {
      session.signIn('a', 'token-number-9');
      valid = new Set(['token-number-9']);
      await answer(request, response);
    };
    expect((await send(`${api.url}/x`)).status).toBe(200);
    expect(api.authorizations('/x')).toEqual([oldAndNew[0], 'Bearer token-number-9']);
    expect(refreshes()).toBe(0);
  });

  it('E18: of an endpoint that always answers so is sent twice, and the app gets the last', async () => {
    let count = 0;
    api.answer = ({ path }, response) =>
      path === '/auth/refresh' ? refresh(response) : response.writeHead(401, badToken).end(String(++count));
    const response = await send(`${api.url}/x`);
    expect([response.status, await response.text()]).toEqual([401, '2']);
    expect(api.of('/x')).toHaveLength(2);
    expect(session.user).toBe('a');
  });

  it('whose refresh fails for now is a TransientError: the app would take the 401 for a sign-out', async () => {
    revokeToken();
    refresh = (response) => response.writeHead(503).end();
    await expect(send(`${api.url}/x`)).rejects.toMatchObject({ kind: 'transient', code: 'ERR_SERVER' });
    expect(api.of('/x')).toHaveLength(1);
  });
});

describe('another user', () => {
  it('E15: gets nothing of what waited for the one before', async () => {
    session.fresh = false;
    const held = gate();
    refresh = async (response) => {
      await held.opened;
      session.signIn('b', 'token-number-7');
      response.end('{"access":"token-number-8"}');
    };
    const answers = [send(`${api.url}/x`, { method: 'POST', body: 'of a' }), send(`${api.url}/x`)];
    held.open();
    for (const answer of answers) await expect(answer).rejects.toMatchObject({ code: 'ERR_SESSION_CHANGED' });
    expect(api.of('/x')).toEqual([]);
  });

  it('E15: gets no answer to what the one before had asked', async () => {
    api.answer = (_, response) => {
      session.signIn('b', 'token-number-7');
      response.end('secret of a');
    };
    await expect(send(`${api.url}/x`)).rejects.toMatchObject({ code: 'ERR_SESSION_CHANGED', kind: 'signed-out' });
  });

  it('E15: is not sent what the one before was refused', async () => {
    const held = gate();
    session.saysInvalidToken = async () => {
      await held.opened;
      session.signIn('b', 'token-number-7');
      return true;
    };
    revokeToken();
    const answer = send(`${api.url}/x`, { method: 'POST', body: 'of a' });
    held.open();
    await expect(answer).rejects.toMatchObject({ code: 'ERR_SESSION_CHANGED' });
    expect(api.authorizations('/x')).toEqual([oldAndNew[0]]);
  });

  it('nor is what waited sent for nobody, after a sign-out', async () => {
    session.fresh = false;
    const answer = send(`${api.url}/x`, { method: 'POST', body: 'of a' });
    session.token = () => Promise.resolve(undefined);
    session.signOut();
    await expect(answer).rejects.toMatchObject({ kind: 'signed-out' });
    expect(api.of('/x')).toEqual([]);
  });

  it('but an answer that comes after a sign-out is still the app’s', async () => {
    api.answer = (_, response) => {
      session.signOut();
      response.end('mine');
    };
    expect(await (await send(`${api.url}/x`)).text()).toBe('mine');
  });
});

describe('bodies', () => {
  const form = (): FormData => {
    const data = new FormData();
    data.append('file', new Blob(['picture']), 'a.png');
    return data;
  };
  const bytes = new TextEncoder().encode('bytes');

  it.each([
    ['JSON', () => '{"a":1}', '{"a":1}'],
    ['FormData', form, 'picture'],
    ['a Blob', () => new Blob(['blob']), 'blob'],
    ['URLSearchParams', () => new URLSearchParams('a=1'), 'a=1'],
    ['an ArrayBuffer', () => bytes.buffer, 'bytes'],
    ['a view', () => bytes, 'bytes'],
  ])('E19: %s is sent again, whole', async (_, make, text) => {
    revokeToken();
    expect((await send(`${api.url}/x`, { method: 'POST', body: make() })).status).toBe(200);
    expect(api.of('/x').map(({ body }) => body.includes(text))).toEqual([true, true]);
    expect(api.authorizations('/x')).toEqual(oldAndNew);
    session.accessToken = 'token-number-1';
    revokeToken();
    expect((await send(new Request(`${api.url}/y`, { method: 'POST', body: make() }))).status).toBe(200);
    expect(api.of('/y').map(({ body }) => body.includes(text))).toEqual([true, true]);
    expect(api.authorizations('/y')).toEqual(oldAndNew);
  });

  it('E19: a stream is sent once, after asking for a token with more margin', async () => {
    expect((await send(`${api.url}/x`, streamed('a', 'b'))).status).toBe(200);
    expect(session.asked).toEqual([{ strict: true }]);
    expect(api.of('/x').map(({ body }) => body)).toEqual(['ab']);
  });

  it('E19: a stream is not sent again, the error says what to do, and the next call succeeds', async () => {
    revokeToken();
    const error = await send(`${api.url}/x`, streamed('a')).catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 'ERR_BODY_NOT_REPLAYABLE',
      message: expect.stringContaining('new stream') as string,
    });
    expect(api.of('/x')).toHaveLength(1);
    expect((await send(`${api.url}/x`, streamed('a'))).status).toBe(200);
    await expect(send(new Request(`${api.url}/x`, { method: 'POST' }), streamed('a'))).resolves.toHaveProperty(
      'status',
      200,
    );
  });

  it('E19: a consumed Request fails as fetch itself fails', async () => {
    const used = new Request(`${api.url}/x`, { method: 'POST', body: 'x' });
    await used.text();
    const expected: unknown = await fetch(used).catch((reason: unknown) => reason);
    await expect(send(used)).rejects.toBeInstanceOf((expected as Error).constructor);
    expect(api.received).toEqual([]);
  });
});

describe('aborting', () => {
  const reason = new Error('The app changed its mind.');

  it.each([
    ['init', (signal: AbortSignal) => send(`${api.url}/x`, { signal })],
    ['a Request', (signal: AbortSignal) => send(new Request(`${api.url}/x`, { signal }))],
  ])('E19, E20: ends the wait for a token, not the refresh, by %s', async (_, call) => {
    session.fresh = false;
    const held = gate();
    const arrived = gate();
    const renew = refresh;
    refresh = async (response) => {
      arrived.open();
      await held.opened;
      renew(response);
    };
    const controller = new AbortController();
    const aborted = call(controller.signal);
    const patient = send(`${api.url}/y`);
    await arrived.opened;
    controller.abort(reason);
    await expect(aborted).rejects.toBe(reason);
    held.open();
    expect((await patient).status).toBe(200);
    expect(api.of('/x')).toEqual([]);
    expect(refreshes()).toBe(1);
  });

  it('E20: ends the wait for a repeat at once, not the refresh', async () => {
    revokeToken();
    const controller = new AbortController();
    const held = gate();
    const renew = refresh;
    refresh = async (response) => {
      controller.abort(reason);
      await held.opened;
      renew(response);
    };
    const aborted = send(`${api.url}/x`, { signal: controller.signal });
    const patient = send(`${api.url}/y`);
    await expect(aborted).rejects.toBe(reason);
    held.open();
    expect((await patient).status).toBe(200);
    expect(api.of('/x')).toHaveLength(1);
    expect(refreshes()).toBe(1);
  });

  it('E19: before the call sends nothing', async () => {
    await expect(send(`${api.url}/x`, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(api.received).toEqual([]);
  });

  it('E19: in the middle of the request ends it', async () => {
    const controller = new AbortController();
    api.answer = () => controller.abort(reason);
    await expect(send(`${api.url}/x`, { signal: controller.signal })).rejects.toBe(reason);
  });
});
