import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Store } from '../ports.js';
import { addSession, addUser, later, newSession, rotation, sha, start } from '../testing/contract/fixtures.js';
import { refresh } from '../testing/contract/refresh.js';
import { type ThrowawayPostgres, throwawayPostgres } from '../testing/index.js';
import { type Break, type LossyLink, lossyLink } from '../testing/lossy-link.fixture.js';
import { openPostgresStore } from './postgres.js';

let postgres: ThrowawayPostgres;
let link: LossyLink;
beforeAll(async () => {
  postgres = await throwawayPostgres({ settings: { fsync: 'off' } });
  link = await lossyLink(postgres.port);
}, 60_000);
afterAll(async () => {
  await link.close();
  await postgres.stop();
}, 60_000);

const change = {
  userId: 'user-1',
  credentialVersion: 0,
  passwordHash: 'hash-1',
  now: later(100),
  sessionId: 's',
  rotation: rotation('s', 0),
};
const audit = { id: 'a', at: start, type: 't', userId: 'user-1', sessionId: 's', requestId: 'r', details: '{}' };
const counters = ['k', 'l'].map((key) => ({ key, atMost: 3, perSeconds: 60 }));
const token = {
  userId: 'user-1',
  tokenHash: sha('t'),
  email: 'a@example.com',
  credentialVersion: 0,
  expiresAt: later(9),
};
const end = { sessionId: 's', reason: 'signed_out', now: later(1) } as const;

/** Each call, the text of the message at which the link breaks, and what it answers as if nothing had happened. */
const calls: readonly (readonly [string, string, (store: Store) => Promise<unknown>, unknown])[] = [
  ['create', 'COMMIT', (s) => idOf(s.sessions.create(newSession('n'), { credentialVersion: 0, replaces: 's' })), 'n'],
  ['find', 'latchkey_find', (s) => idOf(s.sessions.find('s')), 's'],
  ['listByUser', 'select', async (s) => (await s.sessions.listByUser('user-1', start)).length, 2],
  ['revoke', 'update', (s) => s.sessions.revoke(end), true],
  ['revoke with an audit line', 'COMMIT', (s) => s.sessions.revoke({ ...end, audit }), true],
  ['revokeAll', 'COMMIT', (s) => s.sessions.revokeAll('user-1', 'signed_out_everywhere', later(1)), 2],
  ['changePassword', 'COMMIT', (s) => idOf(s.sessions.changePassword(change)), 's'],
  ['users.create', 'insert', (s) => s.users.create({ ...newUser, id: '2', username: 'b' }), true],
  ['users.mirror', 'COMMIT', async (s) => (await s.users.mirror({ ...newUser, username: 'b' })).username, 'b'],
  ['updateProfile', 'update', (s) => s.users.updateProfile('user-1', { expected: '{"a":1}', next: '{}' }), true],
  ['rehash', 'update', (s) => s.users.rehash('user-1', { expected: 'hash-0', next: 'hash-1' }), true],
  ['count', 'COMMIT', (s) => s.throttle.count(counters, start), undefined],
  ['forgive', 'COMMIT', (s) => s.throttle.forgive(counters, start), undefined],
  [
    'issue',
    'COMMIT',
    (s) => s.oneTimeTokens.issue({ ...token, tokenHash: sha('w'), purpose: 'verify_email' }, start),
    undefined,
  ],
  ['verifyEmail', 'COMMIT', (s) => s.oneTimeTokens.verifyEmail(sha('v'), start), true],
  ['resetPassword', 'COMMIT', (s) => s.oneTimeTokens.resetPassword({ ...reset }), true],
];
const newUser = { id: '1', username: 'a', passwordHash: 'h', profile: '{}', createdAt: start };
const reset = { tokenHash: sha('t'), passwordHash: 'hash-2', now: start };
const idOf = async (found: Promise<{ session: { id: string } } | undefined>) => (await found)?.session.id;

/** A store over the link whose one connection is up. */
async function openOverLink(direct?: string): Promise<Store> {
  const url = direct ?? (await postgres.createDatabase());
  const store = openPostgresStore({
    url: url.replace(`:${String(postgres.port)}/`, `:${String(link.port)}/`),
    poolSize: 1,
  });
  await store.migrate();
  await addUser(store);
  await addSession(store, 's');
  await addSession(store, 'other');
  await store.oneTimeTokens.issue({ ...token, purpose: 'reset_password' }, start);
  await store.oneTimeTokens.issue({ ...token, tokenHash: sha('v'), purpose: 'verify_email' }, start);
  await store.throttle.count(counters, start);
  return store;
}

for (const when of ['before it arrives', 'before its answer'] satisfies Break[]) {
  describe(`when the connection is lost with a message ${when}`, () => {
    it.each(calls)('%s answers as if nothing had happened', async (...[, text, call, answer]) => {
      const store = await openOverLink();
      const before = link.counts.breaks;
      link.breakAt(text, when);
      expect(await call(store)).toEqual(answer);
      expect(link.counts.breaks).toBe(before + 1);
      await store.close();
    });

    it('a refresh rotates once, and the caller has its successor', async () => {
      const store = await openOverLink();
      await store.sessions.rotate(rotation('other', 0));
      link.breakAt('latchkey_rotate', when);
      expect(await refresh(store, rotation('s', 0))).toBe(when === 'before it arrives' ? 'rotated' : 'repeat');
      expect((await store.sessions.find('s'))?.session).toMatchObject({ generation: 1, tokenHash: sha('s/1') });
      await store.close();
    });
  });
}

it('a refresh is one round trip, and a sign-out too', async () => {
  const store = await openOverLink();
  const before = link.counts.messages;
  await store.sessions.rotate(rotation('s', 0));
  await store.sessions.rotate(rotation('s', 1));
  await store.sessions.revoke(end);
  expect(link.counts.messages - before).toBe(3);
  await store.close();
});

it('a sign-in that was ended between its two tries is not given out', async () => {
  const direct = await postgres.createDatabase();
  const store = await openOverLink(direct);
  const revokeAll = () => other.sessions.revokeAll('user-1', 'signed_out_everywhere', later(1));
  const other = openPostgresStore({ url: direct });
  link.breakAt('COMMIT', 'before its answer', revokeAll);
  expect(await store.sessions.create(newSession('n'), { credentialVersion: 0 })).toBeUndefined();
  expect((await other.sessions.find('n'))?.session.revokedReason).toBe('signed_out_everywhere');
  await Promise.all([store.close(), other.close()]);
});
