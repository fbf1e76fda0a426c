import assert from 'node:assert/strict';
import type { EpochSeconds, Seconds } from '@latchkey/protocol';
import { rotated } from '../../core/rotation.js';
import { appendToChain, chainEntries } from '../../core/session-row.js';
import { type ContractCase, addSession, addUser, later, rotation, sha, start } from './fixtures.js';

/** What a rotation does, and does not. */
export const rotationCases: readonly ContractCase[] = [
  [
    'a rotation does to the row what the pure rule says, and answers with the user',
    async (store) => {
      await addUser(store);
      await addSession(store, 's');
      for (let from = 0; from < 12; from += 1) {
        const before = await store.sessions.find('s');
        assert.ok(before);
        const { keyId } = before.session;
        const step = rotation('s', from, { request: { keyId, mintingKeyId: from % 3 === 0 ? 255 : 7 } });
        const after = await store.sessions.rotate(step);
        const { ip, userAgent } = step;
        assert.deepEqual(after?.session, { ...rotated(before.session, step.request, step.now), ip, userAgent });
        assert.deepEqual(after.user, { id: 'user-1', username: 'name of user-1', profile: '{"a":1}', epoch: 0 });
        assert.deepEqual(await store.sessions.find('s'), after);
      }
      const row = await store.sessions.find('s');
      assert.deepEqual(
        chainEntries(row?.session.chain ?? '').map(({ tokenHash }) => tokenHash),
        [4, 5, 6, 7, 8, 9, 10, 11].map((generation) => sha(`s/${String(generation)}`)),
      );
    },
  ],
  [
    'where only activity counts, a rotation without activity does not move the idle end, and none moves it back',
    async (store) => {
      await addUser(store);
      await addSession(store, 's', { idleExpiresAt: later(900) });
      const idle = { idleSeconds: 900 as Seconds, countedFrom: 'activity' } as const;
      const steps = [0 as EpochSeconds, later(150), later(50)];
      const ends: (number | undefined)[] = [];
      for (const [from, activeAt] of steps.entries()) {
        const before = await store.sessions.find('s');
        const step = rotation('s', from, { request: { idle, activeAt } });
        const after = await store.sessions.rotate(step);
        assert.ok(before && after);
        assert.equal(after.session.idleExpiresAt, rotated(before.session, step.request, step.now).idleExpiresAt);
        ends.push(after.session.idleExpiresAt - start);
      }
      assert.deepEqual(ends, [900, 1050, 1050]);
    },
  ],
  [
    'the idle end never passes the absolute end',
    async (store) => {
      await addUser(store);
      await addSession(store, 's', { absoluteExpiresAt: later(200), idleExpiresAt: later(200) });
      const after = await store.sessions.rotate(rotation('s', 0));
      assert.equal(after?.session.idleExpiresAt, later(200));
      assert.equal(after.session.absoluteExpiresAt, later(200));
    },
  ],
  [
    'a rotation changes nothing for another token, an ended session or none',
    async (store) => {
      await addUser(store);
      await addSession(store, 's');
      await addSession(store, 'idle', { idleExpiresAt: later(100) });
      await addSession(store, 'over', { absoluteExpiresAt: later(100) });
      await addSession(store, 'gone');
      await store.sessions.revoke({ sessionId: 'gone', reason: 'signed_out', now: start });
      const before = await store.sessions.find('s');
      assert.equal(await store.sessions.rotate(rotation('s', 0, { request: { tokenHash: sha('x') } })), undefined);
      assert.equal(await store.sessions.rotate(rotation('s', 0, { request: { keyId: 2 } })), undefined);
      for (const id of ['idle', 'over', 'gone', 'unknown']) {
        assert.equal(await store.sessions.rotate(rotation(id, 0)), undefined, id);
      }
      assert.deepEqual(await store.sessions.find('s'), before);
    },
  ],
  [
    'of 64 rotations of one token at once exactly one is made, whatever their keys',
    async (store) => {
      await addUser(store);
      await addSession(store, 's');
      const racers = Array.from({ length: 64 }, (_, index) =>
        rotation('s', 0, { branch: index % 2 === 0 ? '' : 'other' }),
      );
      const results = await Promise.all(racers.map((racer) => store.sessions.rotate(racer)));
      assert.equal(results.filter(Boolean).length, 1);
      const row = await store.sessions.find('s');
      assert.equal(row?.session.generation, 1);
      assert.equal(row.session.chain, appendToChain('', { tokenHash: sha('s/0'), keyId: 1 }));
    },
  ],
  [
    'a rotation that races a revocation never outlives it',
    async (store) => {
      await addUser(store);
      await addSession(store, 's');
      await Promise.all([
        store.sessions.rotate(rotation('s', 0)),
        store.sessions.revoke({ sessionId: 's', reason: 'signed_out', now: later(100) }),
        store.sessions.rotate(rotation('s', 1)),
      ]);
      assert.notEqual((await store.sessions.find('s'))?.session.revokedAt, null);
      assert.equal(await store.sessions.rotate(rotation('s', 2)), undefined);
    },
  ],
];
