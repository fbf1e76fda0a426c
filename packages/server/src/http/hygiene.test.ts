import { connect } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { listen } from '../node.js';
import { memoryStore } from '../testing/index.js';
import { keyOf, serve, testPassword } from '../testing/open-test-server.fixture.js';

/** Sends bytes as they are; resolves with all that came back once the server has closed the socket. */
function sendRaw(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = connect(port, '127.0.0.1', () => socket.write(text));
    socket.setEncoding('latin1').on('data', (chunk: string) => (answer += chunk));
    socket.on('error', reject).on('close', () => resolve(answer));
  });
}

const json = { 'Content-Type': 'application/json' };
const credentials = { username: 'ada', password: testPassword };

describe('bodies', () => {
  it.each([
    ['text', 'text/plain', '{}'],
    ['a form', 'application/x-www-form-urlencoded', 'username=ada'],
    ['a multipart form', 'multipart/form-data; boundary=x', '--x--'],
    ['JSON of another name', 'application/json-patch+json', '[]'],
    ['two types', 'application/json, text/plain', '{}'],
    ['UTF-16', 'application/json; charset=utf-16', Buffer.from('\ufeff{}', 'utf16le')],
    ['nothing said', '', '{}'],
  ])('H1: %s is 415', async (_title, type, body) => {
    const server = await serve();
    const reply = await server.send('/auth/sign-in', { method: 'POST', headers: { 'Content-Type': type }, body });
    expect(reply).toMatchObject({ status: 415, body: { error: 'unsupported_media_type' } });
  });

  it('H1: JSON by its name and UTF-8 is taken, in any spelling; UTF-16 bytes under it are not', async () => {
    const server = await serve();
    await server.signUp();
    for (const type of ['application/json', 'Application/JSON; charset=utf-8', 'application/json;charset="UTF-8"']) {
      expect((await server.post('/sign-in', credentials, { headers: { 'Content-Type': type } })).status).toBe(200);
    }
    for (const body of [
      Buffer.from('{"username":"ada"}', 'utf16le'),
      Buffer.from('{"username":"ada\u00ff","password":"x"}', 'latin1'),
    ]) {
      expect((await server.send('/auth/sign-in', { method: 'POST', headers: json, body })).status).toBe(400);
    }
  });

  it('H2: a chunked body without end is 413, and little of it is read or kept', async () => {
    const server = await serve();
    const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
    const before = process.memoryUsage.rss();
    let written = 0;
    const answer = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = connect(server.port, '127.0.0.1', () => {
        socket.write('POST /auth/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n');
        socket.write('Transfer-Encoding: chunked\r\n\r\n');
        push();
      });
      const push = () => {
        while (written < 2 ** 30 && socket.writable) {
          written += chunk.length;
          if (!socket.write(chunk)) return void socket.once('drain', push);
        }
      };
      socket.setEncoding('latin1').on('data', (data: string) => (text += data));
      socket.on('error', (error: NodeJS.ErrnoException) =>
        error.code === 'EPIPE' || error.code === 'ECONNRESET' ? undefined : reject(error),
      );
      socket.on('close', () => resolve(text));
    });
    expect(answer).toMatch(/^HTTP\/1.1 413 /);
    expect(answer).toContain('body_too_large');
    expect(written).toBeLessThan(2 ** 28);
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 2 ** 20);
    expect((await server.send('/healthz')).status).toBe(200);
  }, 20_000);

  it('H2: a stated length above 16 KiB is 413 before a byte is read; 16 KiB are taken, chunked or not', async () => {
    const server = await serve();
    const lines = [
      'POST /auth/sign-in HTTP/1.1',
      'Host: 127.0.0.1',
      'Connection: close',
      'Content-Type: application/json',
    ];
    expect(await sendRaw(server.port, [...lines, 'Content-Length: 1000000000', '', ''].join('\r\n'))).toMatch(/ 413 /);
    const padded = (length: number) => JSON.stringify({ refresh: 'x'.repeat(length - 14) });
    expect(padded(16_384)).toHaveLength(16_384);
    const sendChunked = (body: string) =>
      server.send('/auth/refresh', {
        method: 'POST',
        headers: json,
        body: new Blob([body]).stream(),
        ...{ duplex: 'half' },
      });
    for (const send of [
      (body: string) => server.send('/auth/refresh', { method: 'POST', headers: json, body }),
      sendChunked,
    ]) {
      expect((await send(padded(16_384))).status).toBe(401);
      expect((await send(padded(16_385))).status).toBe(413);
    }
  });

  it('H2: a packed body is refused without being unpacked', async () => {
    const server = await serve();
    const body = gzipSync(Buffer.alloc(50 * 2 ** 20, ' '));
    for (const sent of [body, body.subarray(0, 100)]) {
      const headers = { ...json, 'Content-Encoding': 'gzip' };
      expect((await server.send('/auth/sign-in', { method: 'POST', headers, body: sent })).status).toBe(415);
    }
  });

  it('H3: headers that never end are 408, and others are served meanwhile', async () => {
    const server = await serve();
    const slow = await listen(server.auth, { port: 0, headersTimeout: 200, requestTimeout: 400 });
    onTestFinished(() => slow.close());
    const idle = Array.from({ length: 200 }, () => connect(slow.port, '127.0.0.1'));
    idle.forEach((socket) => socket.on('error', () => undefined));
    const dripping = sendRaw(slow.port, 'POST /auth/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ');
    expect((await fetch(`${slow.url}/healthz`)).status).toBe(200);
    expect(await dripping).toMatch(/^HTTP\/1.1 408 /);
    expect((await fetch(`${slow.url}/healthz`)).status).toBe(200);
    idle.forEach((socket) => socket.destroy());
  });
});

describe('H4: what smuggles', () => {
  const head = 'POST /auth/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n';
  it.each([
    [
      'Content-Length beside Transfer-Encoding',
      `${head}Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    ],
    ['two lengths', `${head}Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} `],
    ['a folded header', `${head}X-Folded: a\r\n b\r\nContent-Length: 2\r\n\r\n{}`],
    ['a space before the colon', `${head}Content-Length : 2\r\n\r\n{}`],
    ['an unknown transfer coding', `${head}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
  ])('H4: %s is 400', async (_title, text) => {
    const server = await serve();
    expect(await sendRaw(server.port, text)).toMatch(/^HTTP\/1.1 400 /);
    expect(server.events).toEqual([]);
  });

  it('H4: a line end in a user name is refused, and none gets into an answer or a log', async () => {
    const server = await serve();
    const username = 'ada\r\nSet-Cookie: a=b\r\n{"level":30}';
    const reply = await server.post('/sign-up', { username, password: testPassword });
    expect(reply.status).toBe(400);
    expect(reply.headers.get('set-cookie')).toBeNull();
    await server.signUp();
    const answer = await sendRaw(
      server.port,
      'POST /auth/sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Type: application/json\r\n' +
        'User-Agent: a\tb\x85\xe2\x80\xa8{"level":60}\r\nContent-Length: 35\r\n\r\n{"username":"ada","password":"bad"}',
    );
    expect(answer).toMatch(/^HTTP\/1.1 401 /);
    const line = server.log.at(-1) ?? '';
    expect(line).toContain('sign_in_failed');
    expect(line).not.toMatch(/[\u0000-\u001f\u0080-\u009f\u2028]/);
    expect(server.events.at(-1)?.userAgent).toContain('\\u0085');
  });
});

describe('origins, methods and shapes', () => {
  const allowed = 'https://app.example.com';

  it('H5: an allowed origin is named exactly, with its headers and no credentials', async () => {
    const server = await serve({ allowOrigins: [allowed, 'http://localhost:4200'] });
    const preflight = await server.send('/auth/refresh', {
      method: 'OPTIONS',
      headers: { Origin: allowed, 'Access-Control-Request-Method': 'POST' },
    });
    expect(preflight.status).toBe(204);
    const values = Object.fromEntries(preflight.headers);
    expect(values).toMatchObject({
      'access-control-allow-origin': allowed,
      'access-control-allow-methods': 'POST',
      'access-control-allow-headers': 'Authorization, DPoP, Idempotency-Key, Content-Type',
      'access-control-expose-headers': 'DPoP-Nonce, WWW-Authenticate, Retry-After',
      vary: 'Origin',
    });
    expect(values).not.toHaveProperty('access-control-allow-credentials');
    const refused = await server.post('/refresh', { refresh: 'x' }, { headers: { Origin: allowed } });
    expect(refused.status).toBe(401);
    expect(refused.headers.get('access-control-allow-origin')).toBe(allowed);
  });

  it.each([
    'https://evil.example',
    'null',
    'https://app.example.com.evil.example',
    'https://evilapp.example.com',
    'http://app.example.com',
    'https://app.example.com:8443',
    'https://APP.example.com',
    'https://app.example.com/',
    'http://localhost:4201',
    'http://localhost.evil.example',
  ])('H5: the origin %s gets no Access-Control-Allow-Origin', async (origin) => {
    const server = await serve({ allowOrigins: [allowed, 'http://localhost:4200'] });
    for (const method of ['OPTIONS', 'GET']) {
      const { headers } = await server.send('/auth/me', { method, headers: { Origin: origin } });
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('vary')).toBe('Origin');
    }
  });

  it('H5: for development any origin on loopback passes, where that was asked for', async () => {
    const server = await serve({ allowLoopbackOrigins: true });
    const acao = async (origin: string) =>
      (await server.send('/healthz', { headers: { Origin: origin } })).headers.get('access-control-allow-origin');
    for (const origin of ['http://localhost:5173', 'http://127.0.0.1:1', 'http://[::1]:80', 'https://app.localhost']) {
      expect(await acao(origin)).toBe(origin === 'http://[::1]:80' ? null : origin);
    }
    for (const origin of [
      'http://localhost.evil.example',
      'http://127.0.0.1.evil.example',
      'null',
      'http://10.0.0.1',
    ]) {
      expect(await acao(origin)).toBeNull();
    }
  });

  it('H6: a GET on a state change is 405, and no header turns a method into another', async () => {
    const server = await serve();
    const { access, refresh } = await server.signUp();
    for (const path of ['sign-up', 'sign-in', 'refresh', 'sign-out', 'password']) {
      for (const method of ['GET', 'PUT', 'DELETE', 'HEAD']) {
        const { status, headers } = await server.send(`/auth/${path}`, { method });
        expect([path, method, status, headers.get('allow')]).toEqual([path, method, 405, 'POST, OPTIONS']);
      }
    }
    const [, payload] = access.split('.');
    const { sid } = JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()) as { sid: string };
    for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override']) {
      const headers = { ...json, [name]: 'DELETE', Authorization: `Bearer ${access}` };
      const reply = await server.send(`/auth/sessions/${sid}?_method=DELETE`, { method: 'POST', headers, body: '{}' });
      expect(reply.status).toBe(405);
    }
    expect((await server.post('/refresh', { refresh }, { key: keyOf('k') })).status).toBe(200);
  });

  const refreshBody = (refresh: string): [string, string][] => [
    ['two refresh members', `{"refresh":"x","refresh":${refresh}}`],
    ['two refresh members, one escaped', `{"refresh":"x","\\u0072efresh":${refresh}}`],
    ['a member twice deep inside', `{"refresh":${refresh},"a":[{"b":1,"b":2}]}`],
    ['__proto__', `{"refresh":${refresh},"__proto__":{"final":true}}`],
    ['10,000 levels', `{"refresh":${refresh},"a":${'['.repeat(7000)}${']'.repeat(7000)}}`],
    ['a list', `[${refresh}]`],
    ['something behind the object', `{"refresh":${refresh}} {}`],
    ['nothing but a string', refresh],
  ];
  it('H7: a body that can be read two ways is 400 and has no effect', async () => {
    const server = await serve();
    const { refresh } = await server.signUp();
    for (const [title, body] of refreshBody(JSON.stringify(refresh))) {
      const headers = { ...json, 'Idempotency-Key': keyOf('k') };
      const reply = await server.send('/auth/refresh', { method: 'POST', headers, body });
      expect([title, reply.status, reply.body['error']]).toEqual([title, 400, 'invalid_request']);
    }
    expect(({} as Record<string, unknown>)['final']).toBeUndefined();
    expect(server.events.map(({ type }) => type)).toEqual(['signed_up']);
  });

  it('H8: SQL in every field is inert', async () => {
    const server = await serve();
    const sql = `' OR 1=1; DROP TABLE sessions; --`;
    const { access, refresh } = await server.signUp();
    const headers = { Authorization: `Bearer ${access}`, 'User-Agent': sql };
    const named = { username: sql, password: `${sql}${sql}`, profile: { [sql]: sql } };
    expect((await server.post('/sign-up', named, { headers })).status).toBe(201);
    expect((await server.post('/sign-in', { ...named, replaces: sql }, { headers })).status).toBe(200);
    expect((await server.post('/sign-in', { username: 'ada', password: sql }, { headers })).status).toBe(401);
    expect((await server.post('/refresh', { refresh: sql }, { headers })).status).toBe(401);
    expect((await server.post('/refresh', { refresh }, { key: sql })).status).toBe(400);
    expect((await server.post('/sign-out', { refresh: sql }, { headers })).status).toBe(204);
    const path = `/auth/sessions/${encodeURIComponent(sql)}`;
    expect((await server.send(path, { method: 'DELETE', headers })).status).toBe(404);
    expect((await server.send('/auth/sessions', { headers })).body['sessions']).toHaveLength(1);
    expect((await server.post('/refresh', { refresh }, { key: keyOf('k') })).status).toBe(200);
  });

  it('H9: an error inside is 500 without stack, token or message, and is in the log by its request id', async () => {
    const secret = 'lk1_do-not-show-this';
    let isBroken = false;
    const profile = () => {
      if (isBroken) throw new Error(`the hook broke over ${secret}`);
      return {};
    };
    const server = await serve({ profile });
    const { refresh } = await server.signUp();
    isBroken = true;
    const reply = await server.post('/refresh', { refresh }, { key: keyOf('k') });
    expect(reply.status).toBe(500);
    expect(Object.keys(reply.body)).toEqual(['error', 'error_description', 'request_id']);
    expect(reply.text).not.toMatch(/hook|lk1_|at |\.ts|stack/);
    const line = server.log.find((text) => text.includes('server_error')) ?? '';
    expect(line).toContain(String(reply.body['request_id']));
    expect(line).toContain('refresh');
    expect(server.log.join()).not.toContain(secret);
    isBroken = false;
    expect((await server.post('/refresh', { refresh }, { key: keyOf('k') })).status).toBe(200);
  });
});

describe('headers and transport', () => {
  it('every answer is not to be stored, not to be sniffed, and has a request id of our own', async () => {
    const server = await serve();
    const replies = [
      await server.send('/nowhere'),
      await server.send('/auth/me'),
      await server.post('/sign-in', credentials),
    ];
    for (const { headers } of replies) {
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-request-id': expect.stringMatching(/^[\w-]{12}$/),
      });
      expect(headers.get('set-cookie')).toBeNull();
    }
    expect(replies.map(({ status }) => status)).toEqual([404, 401, 401]);
    expect((await server.send('/nowhere', { method: 'OPTIONS' })).status).toBe(404);
    const { headers } = await server.send('/auth/me', { headers: { 'X-Request-Id': 'forged' } });
    expect(headers.get('x-request-id')).not.toBe('forged');
  });

  it('the key set may be kept for five minutes', async () => {
    const server = await serve();
    const reply = await server.send('/.well-known/jwks.json');
    expect(reply.headers.get('cache-control')).toBe('public, max-age=300');
    expect(reply.body['keys']).toHaveLength(1);
  });

  it('the key set stands under an issuer with a path too', async () => {
    const server = await serve({ issuer: 'https://auth.test/tenant' });
    expect((await server.send('/tenant/.well-known/jwks.json')).status).toBe(200);
  });

  it('a call without credentials gets a challenge without a code, one with two is 400', async () => {
    const server = await serve();
    const { access } = await server.signUp();
    expect((await server.send('/auth/me')).headers.get('www-authenticate')).toBe('Bearer');
    const twice = `GET /auth/me HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n${`Authorization: Bearer ${access}\r\n`.repeat(2)}\r\n`;
    expect(await sendRaw(server.port, twice)).toMatch(/^HTTP\/1.1 400 /);
    expect((await server.send('/auth/me', { headers: { Cookie: `access=${access}` } })).status).toBe(401);
    for (const query of [`access_token=${access}`, `q=${access}`, '%61ccess=x', 'Client-Secret=x']) {
      expect((await server.send(`/auth/me?${query}`)).status, query).toBe(400);
    }
    expect(server.log.join()).not.toContain(access.slice(0, 40));
  });

  const https = { isHttps: true };
  const from = (remoteAddress: string) => ({ remoteAddress });
  const stated = (proto: string) => ({ trustProxy: true, headers: { 'X-Forwarded-Proto': proto } });
  const untrusted = { headers: { 'X-Forwarded-For': '192.0.2.1', 'X-Forwarded-Proto': 'https' }, ...from('127.0.0.1') };
  interface Way {
    readonly trustProxy?: boolean;
    readonly allowHttp?: boolean;
    readonly remoteAddress?: string;
    readonly headers?: Record<string, string>;
    /** The answer should be one that came over https. */
    readonly isHttps?: boolean;
  }
  it.each<[title: string, url: string, status: number, way: Way]>([
    ['https', 'https://auth.test/auth/me', 401, https],
    ['http between two ends on this machine', 'http://127.0.0.1:4000/auth/me', 401, from('127.0.0.1')],
    ['http to another machine', 'http://auth.test/auth/me', 403, from('127.0.0.1')],
    ['http from another machine', 'http://127.0.0.1/auth/me', 403, from('192.0.2.1')],
    ['http by way of a proxy that is not trusted', 'http://127.0.0.1/auth/me', 403, untrusted],
    ['what a trusted proxy calls https', 'http://auth.test/auth/me', 401, { ...stated('https'), ...https }],
    ['what a trusted proxy calls http', 'http://127.0.0.1/auth/me', 403, stated('http')],
    ['what a client says before the trusted proxy does', 'http://auth.test/auth/me', 403, stated('https, http')],
    ['http where that is said', 'http://box.lan/auth/me', 401, { allowHttp: true, ...from('192.0.2.1') }],
    ['a probe from inside', 'http://10.0.0.5/healthz', 200, from('10.0.0.1')],
  ])('plain http is refused, not redirected: %s', async (_title, url, ...[status, way]) => {
    const { trustProxy = false, allowHttp = false, remoteAddress, headers = {}, isHttps = false } = way;
    const server = await serve({ store: memoryStore(), trustProxy, allowHttp });
    const response = await server.auth.fetch(new Request(url, { headers }), { remoteAddress });
    expect(response.status).toBe(status);
    expect(response.headers.get('strict-transport-security')).toBe(isHttps ? 'max-age=31536000' : null);
  });

  it('the address for throttling and audit is the last hop that a trusted proxy names, else the socket', async () => {
    for (const [trustProxy, expected] of [
      [true, '192.0.2.9'],
      [false, '127.0.0.1'],
    ] as const) {
      const server = await serve({ trustProxy, allowHttp: true });
      const headers = { 'X-Forwarded-For': '198.51.100.1, 192.0.2.9' };
      await server.post('/sign-in', credentials, { headers });
      expect(server.events.at(-1)?.address).toBe(expected);
    }
  });
});
