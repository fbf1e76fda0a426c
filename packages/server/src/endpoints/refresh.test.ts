import { decodeAccessToken, decodeRefreshToken } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import { generateKeys, loadKeys } from '../keys.js';
import { fixedClock, memoryStore } from '../testing/index.js';
import { type TestServer, keyOf, serve } from '../testing/open-test-server.fixture.js';
import { refreshWith, rotateTimes } from '../testing/refreshing.fixture.js';

const day = 86_400;

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
});

describe('a client without an idempotency key', () => {
  const keyless = (server: TestServer, refresh: string) => server.post('/refresh', { refresh });
  const secretOf = (refresh: string) => Buffer.from(decodeRefreshToken(refresh)?.secret ?? []);

  it('has strict single use, by a key that nobody can repeat', async () => {
    const keys = await loadKeys(await generateKeys());
    const server = await serve({ keys });
    const { refresh } = await server.signUp();
    const granted = await keyless(server, refresh);
    expect(granted.status).toBe(200);
    expect(secretOf(granted.body.refresh)).not.toEqual(keys.refreshKey(1)?.derive(refresh, ':keyless'));
    expect((await keyless(server, refresh)).status).toBe(401);
    expect(server.events.at(-1)).toMatchObject({ type: 'refresh_reused' });
  });

  it('is found out with a token from before the chain too, for it never says that it has nothing newer', async () => {
    const server = await serve();
    const tokens = await rotateTimes(server, (await server.signUp()).refresh, 10);
    expect((await keyless(server, tokens[0]!)).status).toBe(401);
    expect((await refreshWith(server, tokens[10]!)).status).toBe(401);
  });

  it('with a leeway gets the same successor again until it is over, from every node, and not a second longer', async () => {
    const store = memoryStore();
    const keys = await loadKeys(await generateKeys());
    const clock = fixedClock();
    const node = () => serve({ store, keys, clock, keylessLeewaySeconds: 10 });
    const [one, other] = [await node(), await node()];
    const { refresh } = await one.signUp();
    const first = await keyless(one, refresh);
    clock.advance(9);
    const again = await keyless(other, refresh);
    expect([first.status, again.status]).toEqual([200, 200]);
    expect(again.body.refresh).toBe(first.body.refresh);
    // A repeat does not begin the leeway anew.
    clock.advance(1);
    expect((await keyless(one, refresh)).status).toBe(401);
    expect((await keyless(one, first.body.refresh)).status).toBe(401);
  });

  it('with a leeway gets nothing for a token that is older than the newest superseded one', async () => {
    const server = await serve({ keylessLeewaySeconds: 10 });
    const { refresh } = await server.signUp();
    const second = await keyless(server, refresh);
    const third = await keyless(server, second.body.refresh);
    expect((await keyless(server, refresh)).status).toBe(401);
    expect((await keyless(server, third.body.refresh)).status).toBe(401);
  });

  it('is never taken for one with a key, nor the reverse, leeway or not', async () => {
    const keys = await loadKeys(await generateKeys());
    const server = await serve({ keys, keylessLeewaySeconds: 60 });
    const first = (await server.signUp('one')).refresh;
    expect((await refreshWith(server, first)).status).toBe(200);
    expect((await keyless(server, first)).status).toBe(401);
    const second = (await server.signUp('two')).refresh;
    expect((await keyless(server, second)).status).toBe(200);
    expect((await refreshWith(server, second)).status).toBe(401);
    const third = (await server.signUp('three')).refresh;
    const granted = await keyless(server, third);
    // What the server takes in place of a key is no key that anybody can send.
    expect(secretOf(granted.body.refresh)).toEqual(keys.refreshKey(1)?.derive(third, ':keyless'));
    expect((await server.post('/refresh', { refresh: third }, { key: ':keyless' })).status).toBe(400);
    const empty = { headers: { 'Idempotency-Key': '' } };
    expect((await server.post('/refresh', { refresh: third }, empty)).status).toBe(400);
  });

  it('changes nothing for those who send one: a repeat is no matter of time, and a second party none of leeway', async () => {
    const server = await serve({ keylessLeewaySeconds: 60 });
    const { refresh } = await server.signUp();
    const first = await refreshWith(server, refresh);
    server.clock.advance(day);
    expect((await refreshWith(server, refresh)).body.refresh).toBe(first.body.refresh);
    const next = await refreshWith(server, first.body.refresh);
    expect((await refreshWith(server, refresh)).status).toBe(409);
    expect((await refreshWith(server, first.body.refresh, 'thief')).status).toBe(401);
    expect((await refreshWith(server, next.body.refresh)).status).toBe(401);
  });
});

describe('refreshing too often', () => {
  const often = { error: 'too_many_attempts' };

  it('is put off, a session at a time, and costs nothing but the wait', async () => {
    const server = await serve();
    let { refresh } = await server.signUp();
    const other = await server.signUp('eve');
    refresh = (await rotateTimes(server, refresh, 120)).at(-1)!;
    const reply = await refreshWith(server, refresh);
    expect(reply).toMatchObject({ status: 429, body: often });
    expect(reply.headers.get('retry-after')).toBe('1');
    expect(server.events.at(-1)).toMatchObject({ type: 'throttled', reason: 'refresh', session: expect.any(String) });
    expect((await refreshWith(server, other.refresh)).status).toBe(200);
    server.clock.advance(1);
    expect((await refreshWith(server, refresh)).status).toBe(200);
  });

  it('is nothing that a stranger can do to a session: without an authentic token nothing is counted', async () => {
    const server = await serve({ throttle: { refreshPerSession: { atMost: 1, perSeconds: 60 } } });
    const { refresh } = await server.signUp();
    const madeUp = refresh.slice(0, -2) + (refresh.endsWith('AA') ? 'BA' : 'AA');
    for (let attempt = 0; attempt < 10; attempt += 1) expect((await refreshWith(server, madeUp)).status).toBe(401);
    expect((await refreshWith(server, refresh)).status).toBe(200);
  });

  it('is nothing that the holder of an old token can do to a session', async () => {
    const server = await serve({ throttle: { refreshPerSession: { atMost: 20, perSeconds: 3600 } } });
    const { refresh } = await server.signUp();
    const newest = (await rotateTimes(server, refresh, 10)).at(-1)!;
    for (let attempt = 1; attempt < 20; attempt += 1) expect((await refreshWith(server, refresh)).status).toBe(409);
    expect((await refreshWith(server, refresh)).status).toBe(429);
    expect((await refreshWith(server, newest)).status).toBe(200);
  });

  it('by one request repeated is slowed from the 33rd repeat on, and told once a generation', async () => {
    const server = await serve();
    const { refresh } = await server.signUp();
    const statuses: number[] = [];
    for (let sent = 0; sent < 80; sent += 1) statuses.push((await refreshWith(server, refresh)).status);
    // 33 that cost one each, and 44 that cost two.
    expect(statuses.filter((status) => status === 200)).toHaveLength(77);
    expect(new Set(statuses)).toEqual(new Set([200, 429]));
    const told = () => server.events.filter(({ type }) => type === 'refresh_repeated_often');
    expect(told()).toHaveLength(1);
    server.clock.advance(60);
    const next = (await refreshWith(server, refresh)).body.refresh;
    for (let sent = 0; sent < 33; sent += 1) expect((await refreshWith(server, next)).status).toBe(200);
    expect(told()).toHaveLength(1);
    expect((await refreshWith(server, next)).status).toBe(200);
    expect(told()).toHaveLength(2);
  });
});
