import assert from 'node:assert/strict';
import type { PasswordChange, Revocation } from '../../ports.js';
import { type ContractCase, addSession, addUser, later, newSession, rotation, start } from './fixtures.js';

/** How sessions begin and end. */
export const endingCases: readonly ContractCase[] = [
  [
    'a session is made only at the credential version that was checked, and ends the one it replaces',
    async (store) => {
      await addUser(store);
      await addSession(store, 'old');
      assert.equal(
        await store.sessions.create(newSession('late'), { credentialVersion: 1, replaces: 'old' }),
        undefined,
      );
      assert.equal(await store.sessions.find('late'), undefined);
      assert.equal((await store.sessions.find('old'))?.session.revokedAt, null);
      const made = await store.sessions.create(newSession('new'), { credentialVersion: 0, replaces: 'old' });
      assert.equal(made?.session.generation, 0);
      assert.equal((await store.sessions.find('old'))?.session.revokedReason, 'replaced');
    },
  ],
  [
    'a session is ended once, by generation and user where asked, with its audit line',
    async (store) => {
      await addUser(store);
      await addSession(store, 's');
      const audit = { id: 'a', at: start, type: 't', userId: 'user-1', sessionId: 's', requestId: 'r', details: '{}' };
      const end: Revocation = { sessionId: 's', reason: 'refresh_reused', now: later(5), audit };
      assert.equal(await store.sessions.revoke({ ...end, ifGeneration: 1 }), false);
      assert.equal(await store.sessions.revoke({ ...end, ifUserId: 'user-2' }), false);
      assert.equal(await store.sessions.revoke({ ...end, ifGeneration: 0, ifUserId: 'user-1' }), true);
      assert.equal(await store.sessions.revoke({ ...end, now: later(9), reason: 'signed_out' }), false);
      const row = await store.sessions.find('s');
      assert.equal(row?.session.revokedAt, later(5));
      assert.equal(row.session.revokedReason, 'refresh_reused');
    },
  ],
  [
    'ending all sessions of a user raises the epoch, and touches nobody else',
    async (store) => {
      await addUser(store);
      await addUser(store, 'user-2');
      await addSession(store, 'a');
      await addSession(store, 'b');
      await addSession(store, 'other', { userId: 'user-2' });
      assert.equal(await store.sessions.revokeAll('user-1', 'signed_out_everywhere', later(1)), 2);
      assert.equal((await store.sessions.find('a'))?.user.epoch, 1);
      assert.deepEqual(await store.sessions.listByUser('user-1', later(1)), []);
      const other = await store.sessions.find('other');
      assert.equal(other?.session.revokedAt, null);
      assert.equal(other.user.epoch, 0);
    },
  ],
  [
    'the list of a user has the living sessions alone, newest first',
    async (store) => {
      await addUser(store);
      await addSession(store, 'first');
      await addSession(store, 'second', { createdAt: later(1) });
      await addSession(store, 'idle', { idleExpiresAt: later(10) });
      await addSession(store, 'over', { absoluteExpiresAt: later(10) });
      const ids = (await store.sessions.listByUser('user-1', later(10))).map(({ id }) => id);
      assert.deepEqual(ids, ['second', 'first']);
    },
  ],
  [
    'a password change keeps one session, rotated, ends the others and makes earlier checks void',
    async (store) => {
      await addUser(store);
      await addSession(store, 'kept');
      await addSession(store, 'other');
      const change: PasswordChange = {
        userId: 'user-1',
        credentialVersion: 0,
        passwordHash: 'hash-1',
        now: later(100),
        sessionId: 'kept',
        rotation: rotation('kept', 0),
      };
      const kept = await store.sessions.changePassword(change);
      assert.equal(kept?.session.generation, 1);
      assert.equal(kept.user.epoch, 1);
      assert.equal((await store.sessions.find('other'))?.session.revokedReason, 'password_changed');
      assert.equal(await store.sessions.create(newSession('late'), { credentialVersion: 0 }), undefined);
      assert.equal(await store.sessions.changePassword(change), undefined);
      const user = await store.users.find('user-1');
      assert.deepEqual([user?.passwordHash, user?.epoch, user?.credentialVersion], ['hash-1', 1, 1]);
    },
  ],
  [
    'a password change whose rotation is not possible writes nothing',
    async (store) => {
      await addUser(store);
      await addSession(store, 'kept');
      await addSession(store, 'other');
      const change = { userId: 'user-1', credentialVersion: 0, passwordHash: 'hash-1', now: later(1) };
      const lost = { ...change, sessionId: 'kept', rotation: rotation('kept', 5) };
      assert.equal(await store.sessions.changePassword(lost), undefined);
      assert.equal((await store.users.find('user-1'))?.passwordHash, 'hash-0');
      assert.equal((await store.sessions.find('other'))?.session.revokedAt, null);
      await store.sessions.revoke({ sessionId: 'kept', reason: 'signed_out', now: start });
      assert.equal(await store.sessions.changePassword({ ...change, sessionId: 'kept' }), undefined);
      assert.equal((await store.users.find('user-1'))?.epoch, 0);
    },
  ],
];
