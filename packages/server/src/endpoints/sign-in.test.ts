import { decodeRefreshToken } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import { createAccessTokens } from '../access-tokens.js';
import { createBackground } from '../background.js';
import { assembleAuthServer } from '../create-auth-server.js';
import { generateKeys, loadKeys } from '../keys.js';
import { argon2Hasher, defaultPasswordHashing } from '../passwords.js';
import type { PasswordHasher } from '../ports.js';
import { pooledRandom } from '../random.js';
import { createRefreshLimiter } from '../refresh-limiter.js';
import { resolveSettings } from '../settings.js';
import { fixedClock, memoryStore } from '../testing/index.js';
import {
  type TestServer,
  type TestServerOptions,
  keyOf,
  serve,
  testPassword,
} from '../testing/open-test-server.fixture.js';

const serveBehindProxy = (options?: TestServerOptions): Promise<TestServer> =>
  serve({ trustProxy: true, allowHttp: true, ...options });

/** Signs in from an address, as a trusted proxy would tell it. */
const signIn = (server: TestServer, body: object, from = '198.51.100.1') =>
  server.post(
    '/sign-in',
    { username: 'ada', password: testPassword, ...body },
    { headers: { 'X-Forwarded-For': from } },
  );
const wrong = { password: 'a wrong guess' };

/** The status of a guess that does not go through a socket, for tests that make thousands. */
const guess = async (server: TestServer, username: string, from: string) => {
  const init = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username, ...wrong }),
  };
  const request = new Request('http://127.0.0.1/auth/sign-in', init);
  return (await server.auth.fetch(request, { remoteAddress: from })).status;
};

describe('sign-up and sign-in', () => {
  it('a new account is signed in, and signs in again by any spelling of its name', async () => {
    const server = await serveBehindProxy();
    const { user } = await server.signUp(' Ada ');
    expect(user).toEqual({ id: expect.any(String), username: 'ada', profile: {} });
    expect((await signIn(server, { username: 'ADA' })).body.user).toEqual(user);
    expect(server.events.map(({ type }) => type)).toEqual(['signed_up', 'signed_in']);
  });

  it('a taken name is 409', async () => {
    const server = await serveBehindProxy();
    await server.signUp();
    const again = await server.post('/sign-up', { username: 'ADA', password: 'another passphrase' });
    expect(again).toMatchObject({ status: 409, body: { error: 'username_taken' } });
  });

  it.each([
    ['a short password', { password: 'short' }, 'invalid_password'],
    ['a common password', { password: 'Password123' }, 'invalid_password'],
    ['an empty name', { username: ' \u200b' }, 'invalid_username'],
    ['a name with a line end', { username: 'ada\r\nSet-Cookie: a=b' }, 'invalid_username'],
    ['a number for a name', { username: 5 }, 'invalid_request'],
    ['a list for a profile', { profile: [] }, 'invalid_request'],
  ])('%s is refused', async (_title, changes, error) => {
    const server = await serveBehindProxy();
    const reply = await server.post('/sign-up', { username: 'ada', password: testPassword, ...changes });
    expect(reply).toMatchObject({ status: 400, body: { error } });
    expect(await server.store.users.findByName('ada')).toBeUndefined();
  });

  it('a profile of more than 8 KiB is 413', async () => {
    const server = await serveBehindProxy();
    const profile = { picture: 'é'.repeat(4100) };
    const reply = await server.post('/sign-up', { username: 'ada', password: testPassword, profile });
    expect(reply).toMatchObject({ status: 413, body: { error: 'profile_too_large' } });
  });

  it('signing in always makes a new session, and ends the one it replaces alone', async () => {
    const server = await serveBehindProxy();
    const first = await server.signUp();
    const other = await signIn(server, {});
    const second = await signIn(server, { replaces: first.refresh });
    const idOf = (token: string) => decodeRefreshToken(token)!.sessionId;
    const rows = await Promise.all(
      [first, other.body, second.body].map(({ refresh }) => server.store.sessions.find(idOf(refresh))),
    );
    expect(rows.map((row) => row?.session.revokedReason)).toEqual(['replaced', null, null]);
    expect((await signIn(server, { replaces: 'left over from another app' })).status).toBe(200);
  });

  it('the app can check passwords itself: users are mirrored, and sign-up and password change are elsewhere', async () => {
    const authenticate = ({ password }: { password: string }) =>
      Promise.resolve(password === 'right' ? { id: '42', username: 'Grace', profile: { admin: true } } : undefined);
    const server = await serveBehindProxy({ authenticate });
    const { body } = await signIn(server, { username: 'g', password: 'right' });
    expect(body.user).toEqual({ id: '42', username: 'Grace', profile: { admin: true } });
    expect((await signIn(server, { username: 'g', password: 'wrong' })).status).toBe(401);
    expect((await server.post('/refresh', { refresh: body.refresh }, { key: keyOf('k') })).status).toBe(200);
    for (let round = 0; round < 10; round += 1) await signIn(server, { username: 'grace', password: 'wrong' });
    const typed = { username: 'GRACE', password: 'right' };
    expect((await signIn(server, typed)).status).toBe(429);
    const renewed = await server.post('/refresh', { refresh: body.refresh }, { key: keyOf('k') });
    expect((await signIn(server, { ...typed, replaces: renewed.body.refresh })).status).toBe(200);
    expect((await server.post('/sign-up', { username: 'x', password: testPassword })).status).toBe(404);
    expect((await server.post('/password', {})).status).toBe(404);
  });

  it('a hash weaker than the settings in force is replaced at sign-in, and a stronger one kept', async () => {
    const store = memoryStore();
    const weak = await serveBehindProxy({ store, passwordHashing: { memoryKib: 64, passes: 1, parallelism: 1 } });
    await weak.signUp();
    const hashOf = async () => (await store.users.findByName('ada'))?.passwordHash ?? '';
    const before = await hashOf();
    const strong = await serveBehindProxy({ store, passwordHashing: { memoryKib: 128, passes: 1, parallelism: 1 } });
    expect((await signIn(strong, {})).status).toBe(200);
    const after = await hashOf();
    expect([before, after].map((hash) => hash.split('$')[3])).toEqual(['m=64,t=1,p=1', 'm=128,t=1,p=1']);
    expect((await signIn(weak, {})).status).toBe(200);
    expect(await hashOf()).toBe(after);
  });
});

describe('L1 and L2: guessing', () => {
  it('L1: 10,000 guesses at one account from as many addresses are throttled; who is signed in stays so', async () => {
    const server = await serveBehindProxy({ store: memoryStore() });
    const { refresh } = await server.signUp();
    const statuses: number[] = [];
    for (let at = 0; at < 10_000; at += 1) {
      statuses.push(await guess(server, 'ada', `10.0.${String(at >> 8)}.${String(at & 255)}`));
    }
    expect(statuses.filter((status) => status === 401)).toHaveLength(100);
    expect(statuses.filter((status) => status === 429)).toHaveLength(9900);
    expect((await server.post('/refresh', { refresh }, { key: keyOf('owner') })).status).toBe(200);
  }, 60_000);

  it('L1: one guess at each of 10,000 accounts from one address is throttled', async () => {
    const server = await serveBehindProxy({ store: memoryStore() });
    const statuses: number[] = [];
    for (let at = 0; at < 10_000; at += 1) statuses.push(await guess(server, `user${String(at)}`, '198.51.100.1'));
    expect(statuses.filter((status) => status === 401)).toHaveLength(60);
    expect(statuses.filter((status) => status === 429)).toHaveLength(9940);
    expect(await guess(server, 'ada', '198.51.100.2')).toBe(401);
  }, 60_000);

  it('L1: ten guesses at an account from one address, then 429 that says when; later it is open again', async () => {
    const server = await serveBehindProxy();
    await server.signUp();
    for (let guess = 0; guess < 10; guess += 1) expect((await signIn(server, wrong)).status).toBe(401);
    server.clock.advance(100);
    const refused = await signIn(server, {});
    expect(refused).toMatchObject({ status: 429, body: { error: 'too_many_attempts' } });
    expect(refused.headers.get('retry-after')).toBe('800');
    expect(server.events.at(-1)).toMatchObject({ type: 'throttled', reason: 'pair' });
    server.clock.advance(800);
    expect((await signIn(server, {})).status).toBe(200);
  });

  it('L1: successes are not counted, and forgive no failures of others', async () => {
    const server = await serveBehindProxy();
    await server.signUp();
    for (let round = 0; round < 70; round += 1) expect((await signIn(server, {})).status).toBe(200);
    for (let guess = 0; guess < 9; guess += 1) await signIn(server, wrong);
    expect((await signIn(server, {})).status).toBe(200);
    expect((await signIn(server, wrong)).status).toBe(401);
    expect((await signIn(server, wrong)).status).toBe(429);
  });

  it('L1: sign-ups from one address are limited', async () => {
    const server = await serveBehindProxy({ throttle: { signUpPerAddress: { atMost: 2, perSeconds: 60 } } });
    await server.signUp('one');
    await server.signUp('two');
    const third = await server.post('/sign-up', { username: 'three', password: testPassword });
    expect(third).toMatchObject({ status: 429 });
    expect(third.headers.get('retry-after')).toBe('60');
  });

  it('L2: whatever strangers do, the owner signs in from a device that was signed in, and from a new address', async () => {
    const server = await serveBehindProxy();
    const { refresh } = await server.signUp();
    for (let guess = 0; guess < 60; guess += 1) await signIn(server, wrong, '203.0.113.9');
    expect((await signIn(server, {}, '203.0.113.9')).status).toBe(429);
    expect((await signIn(server, {}, '198.51.100.7')).status).toBe(200);
    for (let guess = 0; guess < 300; guess += 1) await signIn(server, wrong, `10.1.${String(guess)}.1`);
    expect((await signIn(server, {}, '198.51.100.7')).status).toBe(429);
    expect((await signIn(server, { replaces: refresh }, '203.0.113.9')).status).toBe(200);
  });

  it('L2: a device is known for its own account alone, and a session that was ended for cause is none', async () => {
    const server = await serveBehindProxy({ throttle: { perAccountAndAddress: { atMost: 1, perSeconds: 900 } } });
    const ada = await server.signUp();
    const eve = await server.signUp('eve');
    await signIn(server, wrong);
    expect((await signIn(server, { replaces: eve.refresh })).status).toBe(429);
    await server.post('/sign-out', { refresh: ada.refresh });
    expect((await signIn(server, { replaces: ada.refresh })).status).toBe(429);
  });
});

describe('L3 to L6: passwords', () => {
  /** A server in this process whose hasher is the real one, with its calls counted. */
  async function countHashing() {
    const random = pooledRandom();
    const store = memoryStore();
    const clock = fixedClock();
    const keys = await loadKeys(await generateKeys());
    const limit = { atMost: 1_000_000, perSeconds: 60 };
    const throttle = { perAccount: limit, perAddress: limit, perAccountAndAddress: limit };
    const settings = resolveSettings({ store, keys, issuer: 'http://127.0.0.1', throttle });
    const real = argon2Hasher({ ...defaultPasswordHashing, memoryKib: 1024 }, random);
    const calls: string[] = [];
    const hasher: PasswordHasher = {
      ...real,
      hash: (password) => (calls.push('hash'), real.hash(password)),
      verify: (password, hash) => (calls.push('verify'), real.verify(password, hash)),
    };
    const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };
    const server = assembleAuthServer({
      ...{ settings, store, keys, clock, random, hasher, logger: silent, emit: () => undefined },
      accessTokens: createAccessTokens(keys, random, { ...settings, amr: undefined }),
      commonPasswords: () => Promise.resolve(() => false),
      ...{ authenticate: undefined, claims: undefined, profile: undefined },
      ...{ sendMail: undefined, emailOf: undefined, background: createBackground(silent) },
      refreshLimiter: createRefreshLimiter(settings.throttle.refreshPerSession),
    });
    const send = (path: string, body: object) =>
      server.fetch(
        new Request(`http://127.0.0.1/auth/${path}`, {
          method: 'POST',
          headers: { 'Content-Type': 'application/json' },
          body: JSON.stringify(body),
        }),
      );
    await send('sign-up', { username: 'ada', password: testPassword });
    return { calls, attempt: (username: string) => send('sign-in', { username, password: 'a wrong guess' }) };
  }

  it('L3: an unknown user costs the hash that a known one does, and the answers are alike', async () => {
    const { calls, attempt } = await countHashing();
    const answers: unknown[] = [];
    for (const username of ['ada', 'nobody']) {
      calls.length = 0;
      const response = await attempt(username);
      const { request_id: id, ...body } = (await response.json()) as Record<string, unknown>;
      const headers = Object.fromEntries(response.headers);
      answers.push({
        status: response.status,
        body,
        headers: { ...headers, 'x-request-id': typeof id },
        calls: [...calls],
      });
    }
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ status: 401, calls: ['verify'] });
  });

  it('L3: over 200 interleaved tries each, a try of one kind tells next to nothing about which it was', async () => {
    const { attempt } = await countHashing();
    const times: Record<'ada' | 'nobody', number[]> = { ada: [], nobody: [] };
    for (let round = 0; round < 200; round += 1) {
      for (const username of round % 2 === 0 ? (['ada', 'nobody'] as const) : (['nobody', 'ada'] as const)) {
        const startedAt = performance.now();
        await attempt(username);
        times[username].push(performance.now() - startedAt);
      }
    }
    // How often a random try of one kind is slower than one of the other: 0.5 if alike, 0 or 1 if no hash is done for one.
    const wins = times.ada.flatMap((a) => times.nobody.map((b) => (a > b ? 1 : a === b ? 0.5 : 0)));
    const share = wins.reduce<number>((sum, win) => sum + win, 0) / wins.length;
    expect(share).toBeGreaterThan(0.2);
    expect(share).toBeLessThan(0.8);
  }, 30_000);

  it('L4: passwords that differ after byte 72 differ; NUL counts; over 1,024 bytes is refused before hashing', async () => {
    const server = await serveBehindProxy();
    const long = 'x1y2z3'.repeat(20);
    const nul = 'with a nul \u0000 inside';
    await server.post('/sign-up', { username: 'ada', password: `${long}a` });
    await server.post('/sign-up', { username: 'bob', password: nul });
    expect((await signIn(server, { password: `${long}b` })).status).toBe(401);
    expect((await signIn(server, { password: `${long}a` })).status).toBe(200);
    expect((await signIn(server, { username: 'bob', password: 'with a nul ' })).status).toBe(401);
    expect((await signIn(server, { username: 'bob', password: nul })).status).toBe(200);
    for (const path of ['/sign-up', '/sign-in']) {
      const over = await server.post(path, { username: 'eve', password: 'x'.repeat(1025) });
      expect(over, path).toMatchObject({ status: 400, body: { error: 'invalid_password' } });
      expect((await server.post(path, { username: 'eve', password: 'x'.repeat(1_000_000) })).status).toBe(413);
    }
  });

  it('L5: composed and decomposed accents are one password; Kelvin sign and zero-width characters make no account', async () => {
    const server = await serveBehindProxy();
    await server.post('/sign-up', { username: 'kelvin', password: 'cafe\u0301 au lait' });
    expect((await signIn(server, { username: 'kelvin', password: 'café au lait' })).status).toBe(200);
    expect((await signIn(server, { username: '\u212Aelv\u200Bin', password: 'café au lait' })).status).toBe(200);
    for (const username of ['\u212Aelvin', 'KELVIN', 'kel\u200Bvin', 'ｋelvin']) {
      expect((await server.post('/sign-up', { username, password: testPassword })).status, username).toBe(409);
    }
  });

  it('L6: of 1,000 sign-ins at once a bounded number is hashed at a time, and the rest told to come back', async () => {
    const many = { atMost: 1_000_000, perSeconds: 60 };
    const throttle = { perAddress: many, perAccount: many, perAccountAndAddress: many };
    const hashing = { memoryKib: 8192, passes: 1, parallelism: 1, atMost: 2, waiting: 20 };
    const server = await serveBehindProxy({ store: memoryStore(), throttle, passwordHashing: hashing });
    await server.signUp();
    const before = process.memoryUsage.rss();
    const replies = await Promise.all(Array.from({ length: 1000 }, () => signIn(server, wrong)));
    expect(process.memoryUsage.rss() - before).toBeLessThan(256 * 1024 * 1024);
    const busy = replies.filter(({ status }) => status === 503);
    expect(busy.length).toBeGreaterThan(0);
    expect(busy.every(({ headers }) => Number(headers.get('retry-after')) > 0)).toBe(true);
    expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([401, 503]));
    expect((await signIn(server, {})).status).toBe(200);
  }, 30_000);
});
