import assert from 'node:assert/strict';
import { type ContractCase, addSession, addUser, later, rotation, start } from './fixtures.js';

/** Users. */
export const userCases: readonly ContractCase[] = [
  [
    'a user name is given once, also when asked for twice at once',
    async (store) => {
      const user = { username: 'ada', passwordHash: 'h', profile: '{}', createdAt: start };
      const made = await Promise.all(['1', '2'].map((id) => store.users.create({ ...user, id })));
      assert.deepEqual(made.sort(), [false, true]);
      const row = await store.users.findByName('ada');
      assert.deepEqual(row, { ...user, id: row?.id, epoch: 0, credentialVersion: 0, verifiedEmail: null });
      assert.equal(await store.users.findByName('Ada'), undefined);
      assert.equal(await store.users.find('3'), undefined);
    },
  ],
  [
    'a profile and a hash are replaced only if they are still what was read',
    async (store) => {
      await addUser(store);
      assert.equal(await store.users.updateProfile('user-1', { expected: '{}', next: '{"b":2}' }), false);
      assert.equal(await store.users.updateProfile('user-1', { expected: '{"a":1}', next: '{"b":2}' }), true);
      assert.equal(await store.users.rehash('user-1', { expected: 'other', next: 'hash-1' }), false);
      assert.equal(await store.users.rehash('user-1', { expected: 'hash-0', next: 'hash-1' }), true);
      const user = await store.users.find('user-1');
      assert.deepEqual([user?.profile, user?.passwordHash, user?.credentialVersion], ['{"b":2}', 'hash-1', 0]);
    },
  ],
  [
    'a mirrored user keeps the profile that it has here, and takes a new name',
    async (store) => {
      const user = { id: 'x', username: 'old', profile: '{}', createdAt: start };
      assert.equal((await store.users.mirror(user)).passwordHash, null);
      await store.users.updateProfile('x', { expected: '{}', next: '{"a":1}' });
      const again = await store.users.mirror({ ...user, username: 'new', profile: '{"b":1}' });
      assert.deepEqual([again.username, again.profile, again.epoch], ['new', '{"a":1}', 0]);
    },
  ],
  [
    'a mirrored user takes a name from whoever still has it',
    async (store) => {
      const user = (id: string, username: string) => ({ id, username, profile: '{}', createdAt: start });
      await store.users.mirror(user('1', 'a'));
      await store.users.mirror(user('2', 'b'));
      assert.equal((await store.users.mirror(user('2', 'a'))).username, 'a');
      assert.equal((await store.users.findByName('a'))?.id, '2');
      assert.notEqual((await store.users.find('1'))?.username, 'a');
      assert.equal((await store.users.mirror(user('1', 'b'))).username, 'b');
    },
  ],
  [
    'SQL in any text is text',
    async (store) => {
      const text = `'; DROP TABLE users; -- " \\ % \u0001 \u{1F511}`;
      await store.users.create({ id: text, username: text, passwordHash: text, profile: '{}', createdAt: start });
      await addSession(store, text, { userId: text, userAgent: text, ip: text, label: text });
      assert.equal((await store.sessions.find(text))?.session.userAgent, text);
      assert.equal((await store.users.findByName(text))?.id, text);
      assert.equal((await store.sessions.listByUser(text, start))[0]?.label, text);
    },
  ],
  [
    'a U+0000 in a text of a request is kept or stands as U+FFFD, and cuts nothing off; by one that nobody has, nothing is found',
    async (store) => {
      const text = 'before\u0000after';
      await addUser(store);
      await addSession(store, 's', { userAgent: text, ip: text, label: text });
      const made = await store.sessions.find('s');
      const rotated = await store.sessions.rotate(rotation('s', 0, { userAgent: text, ip: text }));
      for (const kept of [
        made?.session.userAgent,
        made?.session.label,
        rotated?.session.userAgent,
        rotated?.session.ip,
      ]) {
        assert.equal(kept?.replace('\u0000', '\uFFFD'), 'before\uFFFDafter');
      }
      assert.equal(await store.sessions.find('s\u0000'), undefined);
      assert.equal(await store.users.findByName('name of user-1\u0000'), undefined);
      assert.equal(await store.sessions.revoke({ sessionId: 's\u0000', reason: 'signed_out', now: start }), false);
    },
  ],
];

/** Throttle counters. */
export const throttleCases: readonly ContractCase[] = [
  [
    'an attempt is counted in every counter or, if one is full, in none',
    async (store) => {
      const small = { key: 'small', atMost: 2, perSeconds: 60 };
      const large = { key: 'large', atMost: 3, perSeconds: 600 };
      assert.equal(await store.throttle.count([small, large], start), undefined);
      assert.equal(await store.throttle.count([small, large], later(1)), undefined);
      assert.equal(await store.throttle.count([small, large], later(2)), later(60));
      assert.equal(await store.throttle.count([large], later(3)), undefined);
      assert.equal(await store.throttle.count([large], later(4)), later(600));
      assert.equal(await store.throttle.count([small], later(60)), undefined);
    },
  ],
  [
    'attempts at once are not lost from the count',
    async (store) => {
      const counter = { key: 'k', atMost: 5, perSeconds: 60 };
      const ends = await Promise.all(Array.from({ length: 20 }, () => store.throttle.count([counter], start)));
      assert.equal(ends.filter((end) => end === undefined).length, 5);
    },
  ],
  [
    'a forgiven attempt makes room, and never more than there was',
    async (store) => {
      const counter = { key: 'k', atMost: 1, perSeconds: 60 };
      await store.throttle.forgive([counter], start);
      assert.equal(await store.throttle.count([counter], start), undefined);
      assert.equal(await store.throttle.count([counter], start), later(60));
      await store.throttle.forgive([counter], start);
      await store.throttle.forgive([counter], start);
      assert.equal(await store.throttle.count([counter], start), undefined);
      assert.equal(await store.throttle.count([counter], start), later(60));
    },
  ],
];
