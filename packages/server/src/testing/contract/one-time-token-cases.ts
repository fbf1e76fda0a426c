import assert from 'node:assert/strict';
import type { OneTimeTokenRow, Store } from '../../ports.js';
import { type ContractCase, addSession, addUser, later, newSession, sha, start } from './fixtures.js';

/** A token of `user-1`, made at the start and good for 100 s, whose hash is that of its name. */
const token = (name: string, changes: Partial<OneTimeTokenRow> = {}): Omit<OneTimeTokenRow, 'usedAt'> => ({
  userId: 'user-1',
  purpose: 'reset_password',
  tokenHash: sha(name),
  email: 'ada@example.com',
  credentialVersion: 0,
  expiresAt: later(100),
  ...changes,
});

const reset = (store: Store, name: string, seconds = 1): Promise<boolean> =>
  store.oneTimeTokens.resetPassword({ tokenHash: sha(name), passwordHash: `hash of ${name}`, now: later(seconds) });

/** One-time tokens. */
export const oneTimeTokenCases: readonly ContractCase[] = [
  [
    'a reset sets the password, ends all sessions, makes earlier checks void, and tells nobody else',
    async (store) => {
      await addUser(store);
      await addUser(store, 'user-2');
      await addSession(store, 'a');
      await addSession(store, 'other', { userId: 'user-2' });
      await store.oneTimeTokens.issue(token('t'), start);
      assert.equal(await reset(store, 't'), true);
      assert.deepEqual(await store.users.find('user-1'), {
        createdAt: start,
        ...{ id: 'user-1', username: 'name of user-1', profile: '{"a":1}', passwordHash: 'hash of t' },
        ...{ epoch: 1, credentialVersion: 1, verifiedEmail: 'ada@example.com' },
      });
      assert.equal((await store.sessions.find('a'))?.session.revokedReason, 'password_reset');
      assert.equal((await store.sessions.find('a'))?.session.revokedAt, later(1));
      assert.equal((await store.sessions.find('other'))?.session.revokedAt, null);
      assert.equal((await store.users.find('user-2'))?.epoch, 0);
      assert.equal(await store.sessions.create(newSession('late'), { credentialVersion: 0 }), undefined);
    },
  ],
  [
    'of 64 uses of one token at once exactly one is made',
    async (store) => {
      await addUser(store);
      await store.oneTimeTokens.issue(token('t'), start);
      await store.oneTimeTokens.issue(token('v', { purpose: 'verify_email' }), start);
      const verified = Array.from({ length: 64 }, () => store.oneTimeTokens.verifyEmail(sha('v'), later(1)));
      assert.equal((await Promise.all(verified)).filter(Boolean).length, 1);
      const done = await Promise.all(Array.from({ length: 64 }, () => reset(store, 't')));
      assert.equal(done.filter(Boolean).length, 1);
      assert.equal((await store.users.find('user-1'))?.credentialVersion, 1);
      assert.equal(await reset(store, 't', 2), false);
    },
  ],
  [
    'a used token is remembered until it expires, with when it was used',
    async (store) => {
      await addUser(store);
      await store.oneTimeTokens.issue(token('t'), start);
      const find = (seconds: number) => store.oneTimeTokens.find('reset_password', sha('t'), later(seconds));
      assert.deepEqual(await find(0), { ...token('t'), usedAt: null });
      assert.equal(await reset(store, 't', 7), true);
      assert.deepEqual(await find(99), { ...token('t'), usedAt: later(7) });
      assert.equal(await find(100), undefined);
    },
  ],
  [
    'an expired token, one for another purpose, a replaced or an unknown one does nothing',
    async (store) => {
      await addUser(store);
      await addSession(store, 's');
      await store.oneTimeTokens.issue(token('old'), start);
      await store.oneTimeTokens.issue(token('t'), start);
      await store.oneTimeTokens.issue(token('v', { purpose: 'verify_email' }), start);
      const { oneTimeTokens } = store;
      assert.equal(await reset(store, 't', 100), false);
      assert.equal(await oneTimeTokens.verifyEmail(sha('v'), later(100)), false);
      assert.equal(await reset(store, 'v'), false);
      assert.equal(await oneTimeTokens.verifyEmail(sha('t'), later(1)), false);
      assert.equal(await oneTimeTokens.find('verify_email', sha('t'), start), undefined);
      assert.equal(await reset(store, 'old'), false);
      assert.equal(await oneTimeTokens.find('reset_password', sha('old'), start), undefined);
      assert.equal(await reset(store, 'unknown'), false);
      const user = await store.users.find('user-1');
      assert.deepEqual([user?.passwordHash, user?.epoch, user?.verifiedEmail], ['hash-0', 0, null]);
      assert.equal((await store.sessions.find('s'))?.session.revokedAt, null);
      assert.equal(await reset(store, 't', 99), true);
    },
  ],
  [
    'verifying notes the address that the token was mailed to, and changes nothing else of the user',
    async (store) => {
      await addUser(store);
      await addSession(store, 's');
      await store.oneTimeTokens.issue(token('v', { purpose: 'verify_email', credentialVersion: 9 }), start);
      const before = await store.users.find('user-1');
      assert.equal(await store.oneTimeTokens.verifyEmail(sha('v'), later(1)), true);
      assert.deepEqual(await store.users.find('user-1'), { ...before, verifiedEmail: 'ada@example.com' });
      assert.equal((await store.sessions.find('s'))?.session.revokedAt, null);
    },
  ],
  [
    'a reset counts at the credential version of its token alone, and makes other tokens of the user void',
    async (store) => {
      await addUser(store);
      await addUser(store, 'user-2');
      await addSession(store, 'kept');
      await store.oneTimeTokens.issue(token('t'), start);
      await store.oneTimeTokens.issue(token('v', { purpose: 'verify_email' }), start);
      await store.oneTimeTokens.issue(token('v2', { purpose: 'verify_email', userId: 'user-2' }), start);
      const change = {
        userId: 'user-1',
        credentialVersion: 0,
        passwordHash: 'hash-1',
        now: later(1),
        sessionId: 'kept',
      };
      assert.ok(await store.sessions.changePassword(change));
      assert.equal(await reset(store, 't'), false);
      assert.equal((await store.oneTimeTokens.find('reset_password', sha('t'), later(1)))?.usedAt, null);
      assert.equal((await store.users.find('user-1'))?.passwordHash, 'hash-1');
      assert.equal((await store.sessions.find('kept'))?.session.revokedAt, null);
      await store.oneTimeTokens.issue(token('t2', { credentialVersion: 1 }), start);
      assert.equal(await reset(store, 't2'), true);
      assert.equal(await store.oneTimeTokens.verifyEmail(sha('v'), later(2)), false);
      assert.equal(await store.oneTimeTokens.verifyEmail(sha('v2'), later(2)), true);
    },
  ],
  [
    'R7: no session of the old password, made while a reset runs, lives after it',
    async (store) => {
      await addUser(store);
      await store.oneTimeTokens.issue(token('t'), start);
      const signIn = (id: string) => store.sessions.create(newSession(id), { credentialVersion: 0 });
      const ids = Array.from({ length: 32 }, (_, index) => `s${String(index)}`);
      const [before, after] = [ids.slice(0, 16), ids.slice(16)];
      const [, done] = await Promise.all([
        Promise.all(before.map(signIn)),
        reset(store, 't'),
        Promise.all(after.map(signIn)),
      ]);
      assert.equal(done, true);
      assert.deepEqual(await store.sessions.listByUser('user-1', later(1)), []);
      assert.equal(await signIn('late'), undefined);
    },
  ],
  [
    'a new token of one purpose replaces the earlier one, used or not, however many are made at once',
    async (store) => {
      await addUser(store);
      await store.oneTimeTokens.issue(token('t'), start);
      await reset(store, 't');
      const names = Array.from({ length: 16 }, (_, index) => `n${String(index)}`);
      const issue = (name: string) => store.oneTimeTokens.issue(token(name, { credentialVersion: 1 }), later(2));
      await Promise.all(names.map(issue));
      const found = await Promise.all(
        ['t', ...names].map((name) => store.oneTimeTokens.find('reset_password', sha(name), later(2))),
      );
      assert.equal(found.filter(Boolean).length, 1);
      const [last] = names.filter((_, index) => found[index + 1]);
      assert.equal(await reset(store, last ?? '', 3), true);
    },
  ],
];
