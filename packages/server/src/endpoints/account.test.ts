import { decodeAccessToken, decodeRefreshToken } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import type { Store } from '../ports.js';
import { memoryStore } from '../testing/index.js';
import { type TestServer, keyOf, serve, testPassword } from '../testing/open-test-server.fixture.js';
import { gated, refreshWith } from '../testing/refreshing.fixture.js';

const bearer = (access: string) => ({ Authorization: `Bearer ${access}` });
const signIn = async (server: TestServer, password = testPassword) =>
  (await server.post('/sign-in', { username: 'ada', password })).body;

describe('sign-out', () => {
  it('ends the session by its refresh token, of whatever generation, and answers the same when repeated', async () => {
    const server = await serve();
    const first = await server.signUp();
    const second = await refreshWith(server, first.refresh);
    for (let round = 0; round < 2; round += 1) {
      expect(await server.post('/sign-out', { refresh: first.refresh })).toMatchObject({ status: 204, text: '' });
    }
    expect((await refreshWith(server, second.body.refresh)).status).toBe(401);
    expect(server.events.filter(({ type }) => type === 'signed_out')).toHaveLength(1);
  });

  it('ends the session by its access token, without a body, and answers the same when repeated', async () => {
    const server = await serve();
    const { access, refresh } = await server.signUp();
    const ask = () => server.send('/auth/sign-out', { method: 'POST', headers: bearer(access) });
    expect([(await ask()).status, (await ask()).status]).toEqual([204, 204]);
    expect((await refreshWith(server, refresh)).status).toBe(401);
  });

  it('answers 204 to a refresh token that says nothing, and 401 to no token at all', async () => {
    const server = await serve();
    expect((await server.post('/sign-out', { refresh: 'no token of ours' })).status).toBe(204);
    const reply = await server.post('/sign-out', {});
    expect(reply).toMatchObject({ status: 401, body: { error: 'unauthorized' } });
    expect(reply.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('everywhere ends all sessions of that person and nobody else, and a superseded session cannot ask for it', async () => {
    const server = await serve();
    const first = await server.signUp();
    const second = await signIn(server);
    const eve = await server.signUp('eve');
    await server.post('/sign-out', { refresh: first.refresh });
    await server.post('/sign-out', { refresh: first.refresh, everywhere: true });
    const still = await refreshWith(server, second.refresh);
    expect(still.status).toBe(200);
    expect((await server.post('/sign-out', { refresh: still.body.refresh, everywhere: true })).status).toBe(204);
    expect((await refreshWith(server, still.body.refresh)).status).toBe(401);
    expect((await server.send('/auth/me', { headers: bearer(still.body.access) })).status).toBe(401);
    expect((await refreshWith(server, eve.refresh)).status).toBe(200);
    expect(decodeAccessToken((await signIn(server)).access)?.claims.epoch).toBe(1);
  });
});

describe('me', () => {
  it('shows the user, and changes the profile by merging', async () => {
    const server = await serve();
    const { access, user, refresh } = await server.signUp();
    const patch = async (profile: object) =>
      (
        await server.send('/auth/me', {
          method: 'PATCH',
          headers: { ...bearer(access), 'Content-Type': 'application/json' },
          body: JSON.stringify({ profile }),
        })
      ).body['profile'];
    expect((await server.send('/auth/me', { headers: bearer(access) })).body).toEqual(user);
    expect(await patch({ name: 'Ada', address: { city: 'London', zip: '1' } })).toEqual({
      name: 'Ada',
      address: { city: 'London', zip: '1' },
    });
    expect(await patch({ address: { zip: null }, languages: ['en'] })).toEqual({
      name: 'Ada',
      address: { city: 'London' },
      languages: ['en'],
    });
    expect((await refreshWith(server, refresh)).body.user.profile).toMatchObject({ name: 'Ada' });
  });

  it('keeps both of two changes at once', async () => {
    const server = await serve();
    const { access } = await server.signUp();
    const patch = (profile: object) =>
      server.send('/auth/me', {
        method: 'PATCH',
        headers: { ...bearer(access), 'Content-Type': 'application/json' },
        body: JSON.stringify({ profile }),
      });
    await Promise.all([patch({ a: 1 }), patch({ b: 2 })]);
    expect((await server.send('/auth/me', { headers: bearer(access) })).body['profile']).toEqual({ a: 1, b: 2 });
  });

  it('refuses what would make the profile larger than 8 KiB, counted in bytes, and keeps the old one', async () => {
    const server = await serve();
    const { access } = await server.signUp();
    const patch = (profile: unknown) =>
      server.send('/auth/me', {
        method: 'PATCH',
        headers: { ...bearer(access), 'Content-Type': 'application/json' },
        body: JSON.stringify({ profile }),
      });
    const overhead = JSON.stringify({ a: '' }).length;
    expect((await patch({ a: 'x'.repeat(8192 - overhead) })).status).toBe(200);
    expect(await patch({ b: 1 })).toMatchObject({ status: 413, body: { error: 'profile_too_large' } });
    expect((await patch({ a: 'é'.repeat(4096) })).status).toBe(413);
    expect((await patch(['x'])).status).toBe(400);
    expect((await patch(null)).status).toBe(400);
  });

  it('shows the profile and adds the claims that hooks say, and no hook changes a registered claim', async () => {
    const server = await serve({
      profile: ({ username }) => ({ shown: username }),
      claims: () => Promise.resolve({ role: 'admin', sub: 'somebody else', exp: 0 }),
    });
    const { access, user } = await server.signUp();
    expect(user.profile).toEqual({ shown: 'ada' });
    expect(decodeAccessToken(access)?.claims).toMatchObject({ role: 'admin', sub: user.id });
    expect((await server.send('/auth/me', { headers: bearer(access) })).status).toBe(200);
  });

  it('refuses the token of a session whose inactivity limit has passed', async () => {
    const server = await serve({ preset: 'bank' });
    const { refresh } = await server.signUp();
    server.clock.advance(800);
    const { body } = await refreshWith(server, refresh);
    expect((await server.send('/auth/me', { headers: bearer(body.access) })).status).toBe(200);
    server.clock.advance(100);
    expect((await server.send('/auth/me', { headers: bearer(body.access) })).status).toBe(401);
  });

  it('refuses an expired token, and one of another issuer', async () => {
    const store = memoryStore();
    const server = await serve({ store });
    const other = await serve({ store, issuer: 'https://other.test' });
    const { access } = await server.signUp();
    expect((await other.send('/auth/me', { headers: bearer(access) })).status).toBe(401);
    server.clock.advance(899);
    expect((await server.send('/auth/me', { headers: bearer(access) })).status).toBe(200);
    server.clock.advance(6);
    const reply = await server.send('/auth/me', { headers: bearer(access) });
    expect(reply.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });
});

describe('my devices', () => {
  it('lists the sessions that live, newest first, and says which is this one', async () => {
    const server = await serve();
    const first = await server.signUp();
    server.clock.advance(60);
    const second = await signIn(server);
    const { body } = await server.send('/auth/sessions', { headers: bearer(second.access) });
    const rows = body['sessions'] as Record<string, unknown>[];
    const idOf = (token: string) => decodeRefreshToken(token)?.sessionId;
    expect(rows.map(({ id, current }) => [id, current])).toEqual([
      [idOf(second.refresh), true],
      [idOf(first.refresh), false],
    ]);
    expect(rows[1]).toEqual({
      id: idOf(first.refresh),
      current: false,
      created_at: 1_767_225_600,
      refreshed_at: 1_767_225_600,
      active_at: 1_767_225_600,
      expires_at: 1_767_225_600 + 30 * 86_400,
      user_agent: 'node',
      ip: '127.0.0.1',
      label: null,
    });
  });

  it("ends one of one's own, also when repeated, and answers for another person's as for none", async () => {
    const server = await serve();
    const first = await server.signUp();
    const second = await signIn(server);
    const eve = await server.signUp('eve');
    const end = (refresh: string, access: string) =>
      server.send(`/auth/sessions/${decodeRefreshToken(refresh)?.sessionId ?? ''}`, {
        method: 'DELETE',
        headers: bearer(access),
      });
    expect([
      (await end(first.refresh, second.access)).status,
      (await end(first.refresh, second.access)).status,
    ]).toEqual([204, 204]);
    expect((await refreshWith(server, first.refresh)).status).toBe(401);
    const [others, none] = [
      await end(second.refresh, eve.access),
      await end(`${second.refresh.slice(0, 8)}AAAA${second.refresh.slice(12)}`, eve.access),
    ];
    expect([others.status, none.status]).toEqual([404, 404]);
    expect(others.body['error_description']).toBe(none.body['error_description']);
    expect((await refreshWith(server, second.refresh)).status).toBe(200);
  });
});

describe('password change', () => {
  const next = 'another passphrase for tests';
  const change = (server: TestServer, refresh: string, changes: object = {}) =>
    server.post('/password', { current: testPassword, next, refresh, ...changes }, { key: keyOf('owner') });

  it('keeps this session, rotated, ends all others, and only the new password signs in', async () => {
    const server = await serve();
    const first = await server.signUp();
    const other = await signIn(server);
    const changed = await change(server, first.refresh);
    expect(changed.status).toBe(200);
    expect(decodeRefreshToken(changed.body.refresh)).toMatchObject({
      sessionId: decodeRefreshToken(first.refresh)?.sessionId,
      generation: 1,
    });
    expect(decodeAccessToken(changed.body.access)?.claims.epoch).toBe(1);
    expect((await refreshWith(server, other.refresh)).status).toBe(401);
    expect((await server.send('/auth/me', { headers: bearer(first.access) })).status).toBe(401);
    expect((await server.send('/auth/me', { headers: bearer(changed.body.access) })).status).toBe(200);
    expect((await server.post('/sign-in', { username: 'ada', password: testPassword })).status).toBe(401);
    expect((await server.post('/sign-in', { username: 'ada', password: next })).status).toBe(200);
    expect((await refreshWith(server, changed.body.refresh)).status).toBe(200);
  });

  it('sent again after a lost answer it answers again, and changes nothing more', async () => {
    const server = await serve();
    const { refresh, user } = await server.signUp();
    const [one, two] = [await change(server, refresh), await change(server, refresh)];
    expect([one.status, two.status]).toEqual([200, 200]);
    expect(two.body.refresh).toBe(one.body.refresh);
    expect(await server.store.users.find(user.id)).toMatchObject({ epoch: 1, credentialVersion: 1 });
  });

  it('beside a refresh with the same key it still changes the password, and both get one successor', async () => {
    const server = await serve();
    const { refresh } = await server.signUp();
    const refreshed = await refreshWith(server, refresh);
    const changed = await change(server, refresh);
    expect(changed.status).toBe(200);
    expect(changed.body.refresh).toBe(refreshed.body.refresh);
    expect((await server.post('/sign-in', { username: 'ada', password: next })).status).toBe(200);
    expect((await refreshWith(server, changed.body.refresh)).status).toBe(200);
  });

  it('a duplicate that finds the password changed by the first, and knows of no rotation yet, is answered too', async () => {
    const gate = gated();
    const inner = memoryStore();
    const find: Store['users']['find'] = async (id) => {
      await gate.wait();
      return inner.users.find(id);
    };
    const server = await serve({ store: { ...inner, users: { ...inner.users, find } } });
    const { refresh, user } = await server.signUp();
    gate.shut();
    // The duplicate has read the session, which is not rotated yet, and is about to read the user.
    const duplicate = change(server, refresh);
    await gate.reached();
    const first = await change(server, refresh);
    gate.open();
    const second = await duplicate;
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(second.body.refresh).toBe(first.body.refresh);
    expect((await inner.users.find(user.id))?.credentialVersion).toBe(1);
    expect(server.events.filter(({ type }) => type === 'password_change_failed')).toEqual([]);
  });

  it('ten at once make one change, and all are answered', async () => {
    const server = await serve();
    const { refresh, user } = await server.signUp();
    const replies = await Promise.all(Array.from({ length: 10 }, () => change(server, refresh)));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    expect(new Set(replies.map(({ body }) => body.refresh)).size).toBe(1);
    expect((await server.store.users.find(user.id))?.credentialVersion).toBe(1);
  });

  it.each([
    ['a wrong current password', { current: 'a wrong guess' }, { status: 401, body: { error: 'invalid_credentials' } }],
    [
      'a wrong current password, with the right one as the new one',
      { current: 'a wrong guess', next: testPassword },
      { status: 401, body: { error: 'invalid_credentials' } },
    ],
    ['a new one that is too short', { next: 'short' }, { status: 400, body: { error: 'invalid_password' } }],
    ['a new one that is common', { next: 'password123' }, { status: 400, body: { error: 'invalid_password' } }],
    ['a new one that is the user name', { next: 'ada.lovelace' }, { status: 400, body: { error: 'invalid_password' } }],
    ['no current password', { current: undefined }, { status: 400, body: { error: 'invalid_request' } }],
    ['a refresh token that is none', { refresh: 'x' }, { status: 401, body: { error: 'invalid_grant' } }],
  ])('%s is refused, and the session goes on as it was', async (_title, changes, refusal) => {
    const server = await serve();
    const { refresh } = await server.signUp('ada.lovelace');
    expect(await change(server, refresh, changes)).toMatchObject(refusal);
    expect((await server.post('/sign-in', { username: 'ada.lovelace', password: testPassword })).status).toBe(200);
    expect((await refreshWith(server, refresh)).body).toMatchObject({ user: { username: 'ada.lovelace' } });
  });

  it('ten wrong current passwords are enough', async () => {
    const server = await serve();
    const { refresh } = await server.signUp();
    for (let guess = 0; guess < 10; guess += 1) await change(server, refresh, { current: `guess ${String(guess)}` });
    expect((await change(server, refresh)).status).toBe(429);
    expect((await refreshWith(server, refresh)).status).toBe(200);
  });

  it('with a stolen token is a reuse once both have been seen, and with an old one 409', async () => {
    const server = await serve();
    const first = await server.signUp();
    const second = await refreshWith(server, first.refresh);
    const third = await refreshWith(server, second.body.refresh);
    expect((await change(server, first.refresh)).status).toBe(409);
    const body = { current: testPassword, next, refresh: second.body.refresh };
    expect((await server.post('/password', body, { key: keyOf('thief') })).status).toBe(401);
    expect((await refreshWith(server, third.body.refresh)).status).toBe(401);
    expect((await server.post('/sign-in', { username: 'ada', password: next })).status).toBe(401);
  });
});

describe('readiness', () => {
  it('health and readiness answer without credentials, and the server starts only when the store is ready', async () => {
    const server = await serve();
    expect((await server.send('/healthz')).body).toEqual({ status: 'ok' });
    expect((await server.send('/readyz')).body).toEqual({ status: 'ready' });
    await expect(server.auth.start()).resolves.toBeUndefined();
    const store = memoryStore();
    const out = await serve({ store });
    store.setOutage(true);
    await expect(out.auth.start()).rejects.toMatchObject({ name: 'StoreUnavailableError' });
  });
});
