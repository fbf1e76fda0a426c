import { decodeAccessToken, decodeRefreshToken } from '@latchkey/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StoreUnavailableError } from '../errors.js';
import { generateKeys, loadKeys } from '../keys.js';
import type { PasswordChange, Revocation, Rotation, SessionStore, Store } from '../ports.js';
import { readRefreshToken, writeRefreshToken } from '../refresh-tokens.js';
import { type Reply, type TestServer, keyOf, serve, testPassword } from '../testing/open-test-server.fixture.js';
import { fixedClock } from '../testing/index.js';
import {
  type OpenStore,
  me,
  onEachDatabase,
  refreshWith,
  rotateTimes,
  withSessions,
} from '../testing/refreshing.fixture.js';

const hour = 3600;
const day = 24 * hour;

onEachDatabase('refreshing through faults', (open) => {
  describe('the store', () => outages(open));
  describe('the clock', () => clocks(open));
  describe('key ids', () => keyIds(open));
});

type Method = 'rotate' | 'find' | 'revoke' | 'changePassword';
type Fault = 'lost-before' | 'lost-after-commit';

/** A store whose next call of a method fails: before it is done, or after it is durable. */
function withFaults(store: Store) {
  const due = new Map<Method, Fault>();
  const faulty =
    <Arguments extends unknown[], Result>(method: Method, run: (...given: Arguments) => Promise<Result>) =>
    async (...given: Arguments): Promise<Result> => {
      const fault = due.get(method);
      due.delete(method);
      if (fault === 'lost-before') throw new StoreUnavailableError('The test cut the connection.');
      const result = await run(...given);
      if (fault) throw new StoreUnavailableError('The test cut the connection at commit.');
      return result;
    };
  const { sessions } = store;
  const changes: Partial<SessionStore> = {
    rotate: faulty('rotate', (rotation: Rotation) => sessions.rotate(rotation)),
    find: faulty('find', (id: string) => sessions.find(id)),
    revoke: faulty('revoke', (revocation: Revocation) => sessions.revoke(revocation)),
    changePassword: faulty('changePassword', (change: PasswordChange) => sessions.changePassword(change)),
  };
  return {
    store: withSessions(store, changes),
    failNext: (method: Method, fault: Fault) => void due.set(method, fault),
  };
}

const outage = { status: 503, body: { error: 'temporarily_unavailable' } };
const faults = ['lost-before', 'lost-after-commit'] as const;

function outages(open: OpenStore): void {
  it.each(faults)('R10: a rotation %s is 503, and the same request later gets the one successor', async (fault) => {
    const { store, failNext } = withFaults(await open());
    const server = await serve({ store });
    const { refresh } = await server.signUp();
    failNext('rotate', fault);
    const lost = await refreshWith(server, refresh);
    expect(lost).toMatchObject(outage);
    expect(lost.headers.get('retry-after')).toBe('1');
    const again = await refreshWith(server, refresh);
    expect(again.status).toBe(200);
    expect(decodeRefreshToken(again.body.refresh)?.generation).toBe(1);
    expect(server.events.at(-1)?.reason).toBe(fault === 'lost-before' ? 'rotated' : 'repeat');
    expect((await refreshWith(server, again.body.refresh)).status).toBe(200);
  });

  it('R10: a rotation whose connection is lost at commit is run again with the same parameters, to the same end', async () => {
    const inner = await open();
    const rotate: SessionStore['rotate'] = async (rotation) => {
      await inner.sessions.rotate(rotation);
      return inner.sessions.rotate(rotation);
    };
    const server = await serve({ store: withSessions(inner, { rotate }) });
    const tokens = await rotateTimes(server, (await server.signUp()).refresh, 3);
    expect(tokens.map((token) => decodeRefreshToken(token)?.generation)).toEqual([0, 1, 2, 3]);
  });

  it.each(faults)('a password change %s is 503, and the same request later answers', async (fault) => {
    const { store, failNext } = withFaults(await open());
    const server = await serve({ store });
    const { refresh, user } = await server.signUp();
    const next = 'another passphrase for tests';
    const change = () => server.post('/password', { current: testPassword, next, refresh }, { key: keyOf('owner') });
    failNext('changePassword', fault);
    expect(await change()).toMatchObject(outage);
    expect((await change()).status).toBe(200);
    expect((await store.users.find(user.id))?.credentialVersion).toBe(1);
    expect((await server.post('/sign-in', { username: 'ada', password: next })).status).toBe(200);
  });

  it('an outage between the rotation that changed nothing and the look why is 503, never a verdict', async () => {
    const { store, failNext } = withFaults(await open());
    const server = await serve({ store });
    const { refresh } = await server.signUp();
    const first = await refreshWith(server, refresh);
    failNext('find', 'lost-before');
    expect(await refreshWith(server, refresh)).toMatchObject(outage);
    expect((await refreshWith(server, refresh)).body.refresh).toBe(first.body.refresh);
  });

  it.each(faults)('a theft whose revocation is %s is 503, and a verdict when it is asked again', async (fault) => {
    const { store, failNext } = withFaults(await open());
    const server = await serve({ store });
    const { refresh } = await server.signUp();
    const first = await refreshWith(server, refresh);
    failNext('revoke', fault);
    expect(await refreshWith(server, refresh, 'thief')).toMatchObject(outage);
    expect((await refreshWith(server, refresh, 'thief')).status).toBe(401);
    expect((await refreshWith(server, first.body.refresh)).status).toBe(401);
  });

  it.each(faults)('a sign-out %s is 503, and 204 when it is asked again', async (fault) => {
    const { store, failNext } = withFaults(await open());
    const server = await serve({ store });
    const { refresh } = await server.signUp();
    failNext('revoke', fault);
    expect(await server.post('/sign-out', { refresh })).toMatchObject(outage);
    expect((await server.post('/sign-out', { refresh })).status).toBe(204);
    expect((await refreshWith(server, refresh)).status).toBe(401);
  });

  it('others that are quicker each time are 503 after three tries, not a verdict', async () => {
    const inner = await open();
    let tries = 0;
    const rotate: SessionStore['rotate'] = () => {
      tries += 1;
      return Promise.resolve(undefined);
    };
    const server = await serve({ store: withSessions(inner, { rotate }) });
    expect(await refreshWith(server, (await server.signUp()).refresh)).toMatchObject(outage);
    expect(tries).toBe(3);
  });
}

function clocks(open: OpenStore): void {
  it('set back an hour ends no session, and what is minted then is good', async () => {
    const server = await serve({ store: await open() });
    const first = await server.signUp();
    server.clock.advance(600);
    const second = (await refreshWith(server, first.refresh)).body;
    server.clock.advance(-hour);
    // A token from before it is of the future now: refused, and so refreshed.
    expect((await me(server, second.access)).status).toBe(401);
    const again = await refreshWith(server, first.refresh);
    expect([again.status, again.body.refresh]).toEqual([200, second.refresh]);
    let { refresh } = second;
    for (let step = 0; step < 8; step += 1) {
      const { status, body } = await refreshWith(server, refresh);
      expect([status, (await me(server, body.access)).status]).toEqual([200, 200]);
      ({ refresh } = body);
      server.clock.advance(900);
    }
    expect(server.events.filter(({ type }) => type === 'refresh_refused')).toEqual([]);
  });

  it('set back does not stand still for who had been put off', async () => {
    const server = await serve({ store: await open(), throttle: { refreshPerSession: { atMost: 2, perSeconds: 2 } } });
    const [, , refresh = ''] = await rotateTimes(server, (await server.signUp()).refresh, 2);
    server.clock.advance(-hour);
    expect(await refreshWith(server, refresh)).toMatchObject({ status: 429 });
    server.clock.advance(1);
    expect((await refreshWith(server, refresh)).status).toBe(200);
  });

  it('set on an hour and back ends nobody who would not be out by the true time', async () => {
    const server = await serve({ store: await open() });
    const { refresh } = await server.signUp();
    server.clock.advance(hour);
    const ahead = await refreshWith(server, refresh);
    server.clock.advance(-hour);
    const back = await refreshWith(server, ahead.body.refresh);
    expect([ahead.status, back.status]).toEqual([200, 200]);
    server.clock.advance(30 * day - 1);
    expect((await refreshWith(server, back.body.refresh)).status).toBe(200);
  });

  it('that jumps a year ahead for one request refuses it and writes nothing: back again, the session lives', async () => {
    const store = await open();
    const server = await serve({ store });
    const { refresh, access } = await server.signUp();
    const { sessionId } = decodeRefreshToken(refresh)!;
    const before = await store.sessions.find(sessionId);
    server.clock.advance(366 * day);
    expect((await refreshWith(server, refresh)).status).toBe(401);
    expect((await refreshWith(server, refresh, 'thief')).status).toBe(401);
    expect((await me(server, access)).status).toBe(401);
    expect(server.events.map(({ reason }) => reason)).toContain('absolute');
    server.clock.advance(-366 * day);
    expect(await store.sessions.find(sessionId)).toEqual(before);
    expect((await refreshWith(server, refresh)).status).toBe(200);
  });
}

/** Key files of a roll-out, from the old to the new one, and one that has lost the old secret. */
async function keyFiles() {
  const file = await generateKeys();
  const { '1': one } = file.refresh.secrets;
  const two = 'B'.repeat(43);
  const withSecrets = (mintWith: number, secrets: object) => loadKeys({ ...file, refresh: { mintWith, secrets } });
  return {
    old: await withSecrets(1, { '1': one }),
    middle: await withSecrets(1, { '1': one, '2': two }),
    new: await withSecrets(2, { '1': one, '2': two }),
    forgetful: await withSecrets(2, { '2': two }),
  };
}

/** Three nodes in the middle of a roll-out, over one store and one clock. */
async function rollOut(open: OpenStore) {
  const [store, keys, clock] = [await open(), await keyFiles(), fixedClock()];
  const node = (name: keyof typeof keys) => serve({ store, clock, keys: keys[name] });
  return { keys, nodes: { old: await node('old'), middle: await node('middle'), new: await node('new') }, node, store };
}

/** As a client does: a 503 is asked of another node, a 409 is walked up. */
async function persist(nodes: readonly TestServer[], refresh: string): Promise<Reply> {
  let [presented, at] = [refresh, 0];
  for (;;) {
    const reply = await refreshWith(nodes[at] ?? nodes[0]!, presented, `owner-${presented.slice(-20)}`);
    if (reply.status === 409) presented = reply.body.refresh;
    else if (reply.status === 503) at += 1;
    else return reply;
  }
}

function keyIds(open: OpenStore): void {
  it('R14: a token of a newer key than this node knows is 503, and the session is kept', async () => {
    const { keys, nodes } = await rollOut(open);
    const { refresh } = await nodes.old.signUp();
    const ahead = writeRefreshToken(keys.new, { ...decodeRefreshToken(refresh)!, keyId: 2 });
    for (const path of ['/refresh', '/sign-out', '/password']) {
      const body = { refresh: ahead, current: testPassword, next: 'another passphrase' };
      const reply = await nodes.old.post(path, body, { key: keyOf('owner') });
      expect(reply, path).toMatchObject(outage);
      expect(reply.headers.get('retry-after')).toBe('1');
    }
    expect((await refreshWith(nodes.old, refresh)).status).toBe(200);
  });

  it('R14: a repeat or a stale token whose successor is of a newer key than this node knows is 503', async () => {
    const { nodes } = await rollOut(open);
    const { refresh } = await nodes.old.signUp();
    const rotated = await refreshWith(nodes.new, refresh);
    expect(await refreshWith(nodes.old, refresh)).toMatchObject(outage);
    expect((await refreshWith(nodes.middle, refresh)).body.refresh).toBe(rotated.body.refresh);
    await refreshWith(nodes.new, rotated.body.refresh);
    expect(await refreshWith(nodes.old, refresh)).toMatchObject(outage);
    const stale = await refreshWith(nodes.middle, refresh);
    expect(stale).toMatchObject({ status: 409, body: { refresh: rotated.body.refresh } });
    // What could not be answered is not reported as done.
    expect(nodes.old.events.filter(({ type }) => type === 'refreshed')).toEqual([]);
  });

  it('R14: in a roll-out over three nodes no order of refreshes, late duplicates included, ends the session', async () => {
    const { nodes, keys } = await rollOut(open);
    const all = Object.values(nodes);
    const step = fc.record({ node: fc.constantFrom('old', 'middle', 'new'), stepsBack: fc.nat({ max: 3 }) });
    let people = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 12 }), async (steps) => {
        const tokens = [(await nodes.old.signUp(`person-${String((people += 1))}`)).refresh];
        for (const { node, stepsBack } of steps) {
          const at = Math.max(0, tokens.length - 1 - stepsBack);
          const asked = await persist([nodes[node], ...all], tokens[at]!);
          expect(asked.status).toBe(200);
          const { generation, keyId } = decodeRefreshToken(asked.body.refresh)!;
          expect(readRefreshToken(keys.new, asked.body.refresh).kind).toBe('authentic');
          expect([1, 2]).toContain(keyId);
          tokens[generation] = asked.body.refresh;
        }
      }),
      { numRuns: 40 },
    );
    const seen = all.flatMap(({ events }) => events);
    expect(seen.filter(({ type }) => type === 'refresh_refused' || type === 'refresh_reused')).toEqual([]);
    expect(new Set(seen.map(({ reason }) => reason))).toEqual(new Set([undefined, 'rotated', 'repeat', 'stale']));
  });

  it('a key that the file has lost ends the sessions of its tokens, and the log says that this is why', async () => {
    const { nodes, node } = await rollOut(open);
    const { refresh, access } = await nodes.old.signUp();
    const forgetful = await node('forgetful');
    const lost = await refreshWith(forgetful, refresh);
    expect(lost).toMatchObject({ status: 401, body: { error: 'invalid_grant' } });
    expect(forgetful.events).toEqual([expect.objectContaining({ type: 'refresh_refused', reason: 'retired_key' })]);
    expect(forgetful.log.join()).toContain('"reason":"retired_key"');
    // Nothing was written: with the key restored, the session goes on.
    const kept = await refreshWith(nodes.middle, refresh);
    expect(kept.status).toBe(200);
    expect(decodeAccessToken(access)?.claims.sid).toBe(decodeRefreshToken(kept.body.refresh)?.sessionId);
  });

  it('a token that was made with a retired key is taken as long as the file has it', async () => {
    const { nodes } = await rollOut(open);
    const { refresh } = await nodes.old.signUp();
    nodes.new.clock.advance(30 * day - 1);
    const kept = await refreshWith(nodes.new, refresh);
    expect([kept.status, decodeRefreshToken(kept.body.refresh)?.keyId]).toEqual([200, 2]);
  });
}
