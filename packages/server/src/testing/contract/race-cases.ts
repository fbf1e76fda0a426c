import assert from 'node:assert/strict';
import type { PasswordChange, Store } from '../../ports.js';
import { type ContractCase, addSession, addUser, later, newSession, rotation, start } from './fixtures.js';
import { type Refreshed, refresh } from './refresh.js';

const racers = Array.from({ length: 64 }, (_, index) => index);

/** How often each outcome came, for reading. */
function tally(outcomes: readonly Refreshed[]): Partial<Record<Refreshed, number>> {
  const counts: Partial<Record<Refreshed, number>> = {};
  for (const outcome of outcomes) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
}

const reasonOf = async (store: Store, id: string) => (await store.sessions.find(id))?.session.revokedReason;

/** The password change that keeps session `kept`. */
const passwordChange = (changes: Partial<PasswordChange> = {}): PasswordChange => ({
  userId: 'user-1',
  credentialVersion: 0,
  passwordHash: 'hash-1',
  now: later(100),
  sessionId: 'kept',
  ...changes,
});

/** Refreshes that race each other. */
const refreshRaces: readonly ContractCase[] = [
  [
    'of 64 refreshes with one token and one key at once, 1 rotates and 63 repeat',
    async (store) => {
      await addUser(store);
      await addSession(store, 's');
      const outcomes = await Promise.all(racers.map(() => refresh(store, rotation('s', 0))));
      assert.deepEqual(tally(outcomes), { rotated: 1, repeat: 63 });
      assert.equal((await store.sessions.find('s'))?.session.generation, 1);
    },
  ],
  [
    'of 64 refreshes with one token and a key each at once, 1 rotates, 1 is the theft that ends it, and 62 find it ended',
    async (store) => {
      await addUser(store);
      await addSession(store, 's');
      const outcomes = await Promise.all(
        racers.map((index) => refresh(store, rotation('s', 0, { branch: `key ${String(index)}` }))),
      );
      assert.deepEqual(tally(outcomes), { rotated: 1, reused: 1, ended: 62 });
      assert.equal(await reasonOf(store, 's'), 'refresh_reused');
    },
  ],
  [
    'a refresh that races a sign-out is made before it or not at all',
    async (store) => {
      await addUser(store);
      await addSession(store, 's');
      const end = { sessionId: 's', reason: 'signed_out', now: later(100) } as const;
      const [ended, ...outcomes] = await Promise.all([
        store.sessions.revoke(end),
        ...racers.slice(32).map(() => refresh(store, rotation('s', 0))),
      ]);
      assert.equal(ended, true);
      assert.ok((tally(outcomes).rotated ?? 0) <= 1);
      assert.deepEqual(
        outcomes.filter((outcome) => !['rotated', 'repeat', 'ended'].includes(outcome)),
        [],
      );
      assert.equal(await reasonOf(store, 's'), 'signed_out');
      assert.equal(await refresh(store, rotation('s', 0)), 'ended');
    },
  ],
  [
    'a password change and a refresh with the same key at once rotate once',
    async (store) => {
      await addUser(store);
      await addSession(store, 'kept');
      const same = rotation('kept', 0);
      const [changed, outcome] = await Promise.all([
        store.sessions.changePassword(passwordChange({ rotation: same })),
        refresh(store, same),
      ]);
      const row = await store.sessions.find('kept');
      assert.equal(row?.session.generation, 1);
      assert.equal(row.session.revokedAt, null);
      assert.equal(outcome, changed ? 'repeat' : 'rotated');
      assert.equal((await store.users.find('user-1'))?.passwordHash, changed ? 'hash-1' : 'hash-0');
    },
  ],
];

/** Sign-ins that race each other and what ends sessions. */
const signInRaces: readonly ContractCase[] = [
  [
    'no sign-in with the old password survives a password change that runs beside it',
    async (store) => {
      await addUser(store);
      await addSession(store, 'kept');
      const ids = racers.slice(48).map((index) => `late ${String(index)}`);
      const [changed] = await Promise.all([
        store.sessions.changePassword(passwordChange()),
        ...ids.map((id) => store.sessions.create(newSession(id), { credentialVersion: 0 })),
      ]);
      assert.equal(changed?.session.id, 'kept');
      assert.deepEqual(
        (await store.sessions.listByUser('user-1', later(100))).map(({ id }) => id),
        ['kept'],
      );
    },
  ],
  [
    'a sign-in that races "sign out everywhere" is ended by it or comes after it, with the raised epoch',
    async (store) => {
      await addUser(store);
      const ids = racers.slice(48).map((index) => `s ${String(index)}`);
      const [ended, ...made] = await Promise.all([
        store.sessions.revokeAll('user-1', 'signed_out_everywhere', later(1)),
        ...ids.map((id) => store.sessions.create(newSession(id), { credentialVersion: 0 })),
      ]);
      const living = new Set((await store.sessions.listByUser('user-1', later(1))).map(({ id }) => id));
      assert.equal(living.size, ids.length - ended);
      for (const one of made) assert.equal(one?.user.epoch, living.has(one?.session.id ?? '') ? 1 : 0);
    },
  ],
  [
    'two password changes at once: one is made, the other finds its check void',
    async (store) => {
      await addUser(store);
      await addSession(store, 'kept');
      const changed = await Promise.all(
        ['a', 'b'].map((passwordHash) => store.sessions.changePassword(passwordChange({ passwordHash }))),
      );
      assert.equal(changed.filter(Boolean).length, 1);
      const user = await store.users.find('user-1');
      assert.deepEqual([user?.passwordHash, user?.credentialVersion], [changed[0] ? 'a' : 'b', 1]);
    },
  ],
  [
    'sign-ins at once that replace one session all stand, and it is ended once',
    async (store) => {
      await addUser(store);
      await addSession(store, 'old');
      const ids = racers.slice(56).map((index) => `new ${String(index)}`);
      const [outcome, ...made] = await Promise.all([
        refresh(store, rotation('old', 0)),
        ...ids.map((id) => store.sessions.create(newSession(id), { credentialVersion: 0, replaces: 'old' })),
      ]);
      assert.ok(outcome === 'rotated' || outcome === 'ended', outcome);
      assert.deepEqual(made.filter(Boolean).length, ids.length);
      assert.equal(await reasonOf(store, 'old'), 'replaced');
      assert.deepEqual((await store.sessions.listByUser('user-1', start)).map(({ id }) => id).sort(), [...ids].sort());
    },
  ],
  [
    'users who take each other’s names at once each end with one that nobody else has',
    async (store) => {
      const mirror = (id: string, username: string) =>
        store.users.mirror({ id, username, profile: '{}', createdAt: start });
      await mirror('1', 'a');
      await mirror('2', 'b');
      await Promise.all([mirror('1', 'b'), mirror('2', 'a'), mirror('1', 'b'), mirror('3', 'a')]);
      const names = await Promise.all(['1', '2', '3'].map(async (id) => (await store.users.find(id))?.username));
      assert.equal(new Set(names).size, 3);
    },
  ],
  [
    'attempts at once in several counters, named in any order, are all counted',
    async (store) => {
      const [a, b] = ['a', 'b'].map((key) => ({ key, atMost: 10, perSeconds: 60 }));
      assert.ok(a && b);
      const ends = await Promise.all(
        racers.slice(44).map((index) => store.throttle.count(index % 2 === 0 ? [a, b] : [b, a], start)),
      );
      assert.equal(ends.filter((end) => end === undefined).length, 10);
    },
  ],
];

/** What happens when several requests or nodes do things at once. */
export const raceCases: readonly ContractCase[] = [...refreshRaces, ...signInRaces];
