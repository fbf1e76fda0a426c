import { connect } from 'node:net';
import { decodeAccessToken, decodeRefreshToken } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import { generateKeys, loadKeys } from '../keys.js';
import type { Store } from '../ports.js';
import { readRefreshToken, writeRefreshToken } from '../refresh-tokens.js';
import { openSqliteStore } from '../stores/sqlite.js';
import { memoryStore } from '../testing/index.js';
import { type TestServer, keyOf, serve, testPassword } from '../testing/open-test-server.fixture.js';

const day = 86_400;
const refreshWith = (server: TestServer, refresh: string, key = 'owner') =>
  server.post('/refresh', { refresh }, { key: keyOf(key) });
const me = (server: TestServer, access: string) =>
  server.send('/auth/me', { headers: { Authorization: `Bearer ${access}` } });

describe('refresh', () => {
  it('answers with new tokens, the user and both lifetimes', async () => {
    const server = await serve();
    const first = await server.signUp();
    const { status, body, headers } = await refreshWith(server, first.refresh);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(body).toEqual({
      access: expect.any(String),
      refresh: expect.any(String),
      token_type: 'Bearer',
      expires_in: 900,
      refresh_expires_in: 30 * day,
      user: first.user,
    });
    expect(body.refresh).not.toBe(first.refresh);
    expect(decodeRefreshToken(body.refresh)?.generation).toBe(1);
    expect(decodeAccessToken(body.access)).toMatchObject({
      header: { alg: 'ES256', typ: 'at+jwt' },
      claims: { iss: 'https://auth.test', aud: 'https://auth.test', sub: first.user.id, epoch: 0, amr: ['pwd'] },
    });
  });

  it('keeps a session for 30 days from the last refresh, and no longer', async () => {
    const server = await serve();
    const first = await server.signUp();
    server.clock.advance(30 * day - 1);
    const second = await refreshWith(server, first.refresh);
    expect(second.status).toBe(200);
    server.clock.advance(30 * day);
    expect(await refreshWith(server, second.body.refresh)).toMatchObject({
      status: 401,
      body: { error: 'invalid_grant' },
    });
  });

  it('with an inactivity limit is slid by what the person did alone', async () => {
    const server = await serve({ preset: 'bank' });
    let { refresh } = await server.signUp();
    const step = async (seconds: number, body: object) => {
      server.clock.advance(seconds);
      const reply = await server.post('/refresh', { refresh, ...body }, { key: keyOf(refresh.slice(-20)) });
      refresh = reply.body.refresh;
      return reply.body.refresh_expires_in;
    };
    expect(await step(240, {})).toBe(660);
    expect(await step(240, { idle_for_seconds: 60 })).toBe(840);
    expect(await step(240, { idle_for_seconds: 300 })).toBe(600);
    server.clock.advance(600);
    expect((await refreshWith(server, refresh)).status).toBe(401);
  });

  it('without a key of the client is strict single use', async () => {
    const server = await serve();
    const { refresh } = await server.signUp();
    expect((await server.post('/refresh', { refresh })).status).toBe(200);
    expect((await server.post('/refresh', { refresh })).status).toBe(401);
    expect(server.events.at(-1)).toMatchObject({ type: 'refresh_reused' });
  });

  it.each([
    ['no token', {}, undefined],
    ['a number for a token', { refresh: 5 }, undefined],
    ['a negative idle time', { refresh: 'x', idle_for_seconds: -1 }, undefined],
    ['a key that can be guessed', { refresh: 'x' }, '1'],
    ['a key with a comma, as two headers make', { refresh: 'x' }, `${keyOf('a')}, ${keyOf('b')}`],
  ])('refuses %s with 400 or, for a token that is none, 401', async (_title, body, key) => {
    const server = await serve();
    const { refresh } = await server.signUp();
    const sent = 'refresh' in body && body.refresh === 'x' && key ? { ...body, refresh } : body;
    const reply = await server.post('/refresh', sent, key === undefined ? {} : { key });
    expect(reply).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
    expect((await refreshWith(server, refresh)).status).toBe(200);
  });

  it('R1: a refresh token in the query is 400 and in no log', async () => {
    const server = await serve();
    const { refresh } = await server.signUp();
    for (const query of [`refresh=${refresh}`, `refresh_token=${refresh}`, `Refresh-Token=x`, `q=${refresh}`]) {
      const reply = await server.post(`/refresh?${query}`, { refresh }, { key: keyOf('owner') });
      expect(reply, query).toMatchObject({ status: 400, body: { error: 'secret_in_url' } });
    }
    const secret = refresh.slice(4, 60);
    expect([...server.log, JSON.stringify(server.events)].join()).not.toContain(secret);
    expect((await server.post('/refresh?page_token=1', { refresh })).status).toBe(200);
  });

  it('R2: 50 refreshes at once with one key make one successor, and all are answered', async () => {
    const server = await serve();
    const { refresh } = await server.signUp();
    const replies = await Promise.all(Array.from({ length: 50 }, () => refreshWith(server, refresh)));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    expect(new Set(replies.map(({ body }) => body.refresh)).size).toBe(1);
    const outcomes = server.events.filter(({ type }) => type === 'refreshed').map(({ reason }) => reason);
    expect(outcomes.filter((outcome) => outcome === 'rotated')).toHaveLength(1);
    expect((await refreshWith(server, replies[0]!.body.refresh)).status).toBe(200);
  });

  it('R3: an answer that never arrived is given again', async () => {
    const server = await serve();
    const { refresh } = await server.signUp();
    await sendAndHangUp(server, refresh);
    await expect.poll(() => server.events.some(({ reason }) => reason === 'rotated')).toBe(true);
    const again = await refreshWith(server, refresh);
    expect(again.status).toBe(200);
    expect(server.events.at(-1)).toMatchObject({ type: 'refreshed', reason: 'repeat' });
    expect((await refreshWith(server, again.body.refresh)).status).toBe(200);
  });

  it.each([
    ['thief first, owner later', 'thief', 'owner'],
    ['owner first, thief later', 'owner', 'thief'],
  ])('R5: %s: the session is revoked at the second, audited with both parties', async (_title, first, second) => {
    const store = memoryStore();
    const server = await serve({ store });
    const { refresh } = await server.signUp();
    const headers = (name: string) => ({ key: keyOf(name), headers: { 'User-Agent': name } });
    const granted = await server.post('/refresh', { refresh }, headers(first));
    expect(granted.status).toBe(200);
    const refused = await server.post('/refresh', { refresh }, headers(second));
    expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_grant' } });
    expect((await refreshWith(server, granted.body.refresh, first)).status).toBe(401);
    expect((await me(server, granted.body.access)).status).toBe(401);
    expect(JSON.parse(store.audit[0]?.details ?? '{}')).toEqual({
      last: { ip: '127.0.0.1', userAgent: first, generation: 1 },
      presented: { ip: '127.0.0.1', userAgent: second, generation: 0 },
    });
    expect(store.audit).toHaveLength(1);
  });

  it('R5: a reuse decided on a row that has changed meanwhile is decided again', async () => {
    const inner = memoryStore();
    let before: (() => Promise<unknown>) | undefined;
    const revoke: Store['sessions']['revoke'] = async (revocation) => {
      const first = before;
      before = undefined;
      await first?.();
      return inner.sessions.revoke(revocation);
    };
    const server = await serve({ store: { ...inner, sessions: { ...inner.sessions, revoke } } });
    const { refresh } = await server.signUp();
    const second = await refreshWith(server, refresh);
    before = () => refreshWith(server, second.body.refresh);
    expect((await refreshWith(server, refresh, 'thief')).status).toBe(401);
    expect(JSON.parse(inner.audit[0]?.details ?? '{}')).toMatchObject({ last: { generation: 2 } });
    expect((await inner.sessions.find(decodeRefreshToken(refresh)!.sessionId))?.session.revokedAt).not.toBeNull();
  });

  it('R6: an old granted request repeated exactly is 409, without an access token, and ends nothing', async () => {
    const server = await serve();
    const first = await server.signUp();
    const second = await refreshWith(server, first.refresh);
    const third = await refreshWith(server, second.body.refresh);
    const replay = await refreshWith(server, first.refresh);
    expect(replay.status).toBe(409);
    expect(Object.keys(replay.body).sort()).toEqual([
      'error',
      'error_description',
      'generation',
      'refresh',
      'request_id',
    ]);
    expect(replay.body).toMatchObject({ error: 'stale_refresh', generation: 2, refresh: second.body.refresh });
    expect((await refreshWith(server, third.body.refresh)).status).toBe(200);
  });

  it('a token older than the chain is 409 without any token, and a theft only when it says that it is final', async () => {
    const server = await serve();
    const first = await server.signUp();
    let refresh = first.refresh;
    for (let step = 0; step < 10; step += 1) ({ refresh } = (await refreshWith(server, refresh)).body);
    const woken = await refreshWith(server, first.refresh);
    expect(woken).toMatchObject({ status: 409, body: { error: 'stale_refresh', generation: 10 } });
    expect(woken.body).not.toHaveProperty('refresh');
    const final = await server.post('/refresh', { refresh: first.refresh, final: true }, { key: keyOf('owner') });
    expect(final.status).toBe(401);
    expect((await refreshWith(server, refresh)).status).toBe(401);
  });
});

/** Sends a refresh and closes the socket before an answer can be read. */
function sendAndHangUp({ port }: TestServer, refresh: string): Promise<void> {
  const body = JSON.stringify({ refresh });
  const lines = ['POST /auth/refresh HTTP/1.1', 'Host: 127.0.0.1', 'Content-Type: application/json'];
  lines.push(`Idempotency-Key: ${keyOf('owner')}`, `Content-Length: ${String(body.length)}`, '', body);
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(lines.join('\r\n'), () => socket.destroy()));
    socket.once('error', reject).once('close', () => resolve());
  });
}

describe('R7: nothing outlives a revocation', () => {
  it('R7: a refresh after sign-out is refused', async () => {
    const server = await serve();
    const { refresh } = await server.signUp();
    expect((await server.post('/sign-out', { refresh })).status).toBe(204);
    expect((await refreshWith(server, refresh)).status).toBe(401);
  });

  it('R7: a refresh that races a sign-out leaves nothing alive, whoever wins', async () => {
    const server = await serve();
    const { refresh } = await server.signUp();
    const replies = await Promise.all([
      ...Array.from({ length: 10 }, () => refreshWith(server, refresh)),
      server.post('/sign-out', { refresh }),
      ...Array.from({ length: 10 }, () => refreshWith(server, refresh)),
    ]);
    for (const { status, body } of replies.filter((reply) => reply.status === 200)) {
      expect((await refreshWith(server, body.refresh)).status, String(status)).toBe(401);
      expect((await me(server, body.access)).status).toBe(401);
    }
    expect((await refreshWith(server, refresh)).status).toBe(401);
  });

  it('R7: a sign-in with the old password that races a password change gets no session', async () => {
    const gate = gated();
    const inner = await openInMemory();
    const create: Store['sessions']['create'] = async (...parameters) => {
      await gate.wait();
      return inner.sessions.create(...parameters);
    };
    const server = await serve({ store: { ...inner, sessions: { ...inner.sessions, create } } });
    const { refresh, user } = await server.signUp();
    gate.shut();
    // The old password has been checked; the session is about to be inserted.
    const signingIn = server.post('/sign-in', { username: 'ada', password: testPassword });
    await gate.reached();
    const change = { current: testPassword, next: 'another passphrase for tests', refresh };
    expect((await server.post('/password', change, { key: keyOf('owner') })).status).toBe(200);
    gate.open();
    expect(await signingIn).toMatchObject({ status: 401, body: { error: 'invalid_credentials' } });
    expect(await inner.sessions.listByUser(user.id, 0 as never)).toHaveLength(1);
  });

  it('R7: a token signed by a slow node in the second of "sign out everywhere" has the epoch before it', async () => {
    const gate = gated();
    const inner = await openInMemory();
    const rotate: Store['sessions']['rotate'] = async (rotation) => {
      const rotated = await inner.sessions.rotate(rotation);
      await gate.wait();
      return rotated;
    };
    const server = await serve({ store: { ...inner, sessions: { ...inner.sessions, rotate } } });
    const { refresh } = await server.signUp();
    gate.shut();
    const refreshing = refreshWith(server, refresh);
    await gate.reached();
    expect((await server.post('/sign-out', { refresh, everywhere: true })).status).toBe(204);
    gate.open();
    const { body } = await refreshing;
    expect(decodeAccessToken(body.access)?.claims.epoch).toBe(0);
    expect((await inner.users.findByName('ada'))?.epoch).toBe(1);
    expect((await me(server, body.access)).status).toBe(401);
  });
});

/** SQLite without a file, wrapped by the test. */
async function openInMemory(): Promise<Store> {
  const store = openSqliteStore({ path: ':memory:' });
  await store.migrate();
  return store;
}

/** A place where work can be held up. */
function gated() {
  let isShut = false;
  let release: () => void = () => undefined;
  let arrive: () => void = () => undefined;
  let arrived = Promise.resolve();
  return {
    wait: () => {
      arrive();
      return isShut ? new Promise<void>((resolve) => (release = resolve)) : Promise.resolve();
    },
    reached: () => arrived,
    shut: () => {
      isShut = true;
      arrived = new Promise((resolve) => (arrive = resolve));
    },
    open: () => {
      isShut = false;
      release();
    },
  };
}

describe('refresh tokens and what they are not', () => {
  it('R8: through 1,000 rotations the absolute end is not moved', async () => {
    const server = await serve({ lifetimes: { absoluteSeconds: 40 * day } });
    let { refresh } = await server.signUp();
    for (let step = 1; step <= 1000; step += 1) {
      server.clock.advance((40 * day) / 1001);
      const { status, body } = await refreshWith(server, refresh);
      expect(status, String(step)).toBe(200);
      ({ refresh } = body);
    }
    server.clock.advance((40 * day) / 1001 + 1);
    expect((await refreshWith(server, refresh)).status).toBe(401);
  }, 30_000);

  it('R9: a refresh token is no access token, and the reverse', async () => {
    const server = await serve();
    const { access, refresh } = await server.signUp();
    const asAccess = await me(server, refresh);
    expect(asAccess.status).toBe(401);
    expect(asAccess.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(await refreshWith(server, access)).toMatchObject({ status: 401, body: { error: 'invalid_grant' } });
    expect((await me(server, access)).status).toBe(200);
  });

  it('R12: a token of a higher generation, forged with a leaked server secret, is refused and writes nothing', async () => {
    const keys = await loadKeys(await generateKeys());
    const server = await serve({ keys });
    const { refresh } = await server.signUp();
    const { sessionId } = decodeRefreshToken(refresh)!;
    const forged = writeRefreshToken(keys, { keyId: 1, sessionId, generation: 9, secret: new Uint8Array(32) });
    expect(readRefreshToken(keys, forged).kind).toBe('authentic');
    const before = await server.store.sessions.find(sessionId);
    for (const final of [false, true]) {
      const reply = await server.post('/refresh', { refresh: forged, final }, { key: keyOf('forger') });
      expect(reply).toMatchObject({ status: 409, body: { error: 'stale_refresh', generation: 0 } });
      expect(reply.text).not.toMatch(/lk1_|"access"/);
    }
    expect(await server.store.sessions.find(sessionId)).toEqual(before);
    expect((await refreshWith(server, refresh)).status).toBe(200);
  });

  it('R14: a token of a newer key than this node knows is 503, and the session is kept', async () => {
    const file = await generateKeys();
    const secret = file.refresh.secrets['1']!;
    const newer = await loadKeys({ ...file, refresh: { mintWith: 2, secrets: { '1': secret, '2': 'B'.repeat(43) } } });
    const server = await serve({ keys: await loadKeys(file) });
    const { refresh } = await server.signUp();
    const decoded = decodeRefreshToken(refresh)!;
    const ahead = writeRefreshToken(newer, { ...decoded, keyId: 2 });
    for (const path of ['/refresh', '/sign-out', '/password']) {
      const body = { refresh: ahead, current: testPassword, next: 'another passphrase' };
      const reply = await server.post(path, body, { key: keyOf('owner') });
      expect(reply, path).toMatchObject({ status: 503, body: { error: 'temporarily_unavailable' } });
      expect(reply.headers.get('retry-after')).toBe('1');
    }
    expect((await refreshWith(server, refresh)).status).toBe(200);
  });

  it('a store outage is 503 and never a verdict', async () => {
    const store = memoryStore();
    const server = await serve({ store });
    const { refresh, access } = await server.signUp();
    store.setOutage(true);
    const credentials = { username: 'ada', password: testPassword };
    const replies = await Promise.all([
      refreshWith(server, refresh),
      me(server, access),
      server.post('/sign-in', credentials),
      server.post('/sign-out', { refresh }),
      server.send('/readyz'),
    ]);
    expect(replies.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503]);
    expect(replies[0].headers.get('retry-after')).toBe('1');
    store.setOutage(false);
    expect((await refreshWith(server, refresh)).status).toBe(200);
  });
});
