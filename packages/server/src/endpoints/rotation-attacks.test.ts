import { connect } from 'node:net';
import { decodeAccessToken, decodeRefreshToken } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import { generateKeys, loadKeys } from '../keys.js';
import type { AuditRecord, Store } from '../ports.js';
import { readRefreshToken, writeRefreshToken } from '../refresh-tokens.js';
import { type TestServer, keyOf, serve, testPassword } from '../testing/open-test-server.fixture.js';
import {
  type OpenStore,
  gated,
  me,
  onEachDatabase,
  refreshWith,
  rotateTimes,
  withAudit,
  withSessions,
} from '../testing/refreshing.fixture.js';

const day = 86_400;

/** Both parties, as the audit line of a reuse has them. */
const partiesOf = (line: AuditRecord | undefined): unknown => JSON.parse(line?.details ?? 'null');

const findSession = async (store: Store, refresh: string) =>
  (await store.sessions.find(decodeRefreshToken(refresh)?.sessionId ?? ''))?.session;

onEachDatabase('refresh tokens under attack', (open) => {
  describe('retries', () => retries(open));
  describe('theft', () => thefts(open));
  describe('a profile restored from a backup', () => restores(open));
  describe('nothing outlives a revocation', () => revocations(open));
  describe('what a refresh token is not', () => limits(open));
});

function retries(open: OpenStore): void {
  it('R1: a refresh token in the query is 400 and in no log', async () => {
    const server = await serve({ store: await open() });
    const { refresh } = await server.signUp();
    for (const query of [`refresh=${refresh}`, `refresh_token=${refresh}`, `Refresh-Token=x`, `q=${refresh}`]) {
      const reply = await server.post(`/refresh?${query}`, { refresh }, { key: keyOf('owner') });
      expect(reply, query).toMatchObject({ status: 400, body: { error: 'secret_in_url' } });
    }
    const secret = refresh.slice(4, 60);
    expect([...server.log, JSON.stringify(server.events)].join()).not.toContain(secret);
    expect((await server.post('/refresh?page_token=1', { refresh })).status).toBe(200);
  });

  it('R2: 50 refreshes at once with one key make one successor, and all are answered', async () => {
    const { store, audit } = withAudit(await open());
    const server = await serve({ store });
    const { refresh } = await server.signUp();
    const replies = await Promise.all(Array.from({ length: 50 }, () => refreshWith(server, refresh)));
    expect(replies.map(({ status }) => status)).toEqual(replies.map(() => 200));
    expect(new Set(replies.map(({ body }) => body.refresh)).size).toBe(1);
    const outcomes = server.events.filter(({ type }) => type === 'refreshed').map(({ reason }) => reason);
    expect(outcomes.filter((outcome) => outcome === 'rotated')).toHaveLength(1);
    expect((await refreshWith(server, replies[0]!.body.refresh)).status).toBe(200);
    expect(audit).toEqual([]);
  });

  it('R3: an answer that never arrived is given again', async () => {
    const server = await serve({ store: await open() });
    const { refresh } = await server.signUp();
    await sendAndHangUp(server, refresh);
    await expect.poll(() => server.events.some(({ reason }) => reason === 'rotated')).toBe(true);
    const [again, oncemore] = [await refreshWith(server, refresh), await refreshWith(server, refresh)];
    expect(again.status).toBe(200);
    expect(oncemore.body.refresh).toBe(again.body.refresh);
    expect(server.events.at(-1)).toMatchObject({ type: 'refreshed', reason: 'repeat' });
    expect((await me(server, again.body.access)).status).toBe(200);
    expect((await refreshWith(server, again.body.refresh)).status).toBe(200);
  });

  it('R6: an old granted request repeated exactly is 409, without an access token, and ends nothing', async () => {
    const store = await open();
    const server = await serve({ store });
    const { refresh: first } = await server.signUp();
    const [, second = '', third = ''] = await rotateTimes(server, first, 2);
    const before = await findSession(store, first);
    const replay = await refreshWith(server, first);
    expect(replay.status).toBe(409);
    const members = ['error', 'error_description', 'generation', 'refresh', 'request_id'];
    expect(Object.keys(replay.body).sort()).toEqual(members);
    expect(replay.body).toMatchObject({ error: 'stale_refresh', generation: 2, refresh: second });
    expect(await findSession(store, first)).toEqual(before);
    expect((await refreshWith(server, third)).status).toBe(200);
  });
}

/** Sends a refresh and closes the socket before an answer can be read. */
function sendAndHangUp({ port }: TestServer, refresh: string): Promise<void> {
  const body = JSON.stringify({ refresh });
  const lines = ['POST /auth/refresh HTTP/1.1', 'Host: 127.0.0.1', 'Content-Type: application/json'];
  lines.push(`Idempotency-Key: ${keyOf('owner')}`, `Content-Length: ${String(body.length)}`, '', body);
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(lines.join('\r\n'), () => socket.destroy()));
    socket.once('error', reject).once('close', () => resolve());
  });
}

function thefts(open: OpenStore): void {
  it.each([
    ['thief first, owner later', 'thief', 'owner'],
    ['owner first, thief later', 'owner', 'thief'],
  ])('R5: %s: the session is revoked at the second, audited with both parties', async (_title, first, second) => {
    const { store, audit } = withAudit(await open());
    const server = await serve({ store });
    const { refresh } = await server.signUp();
    const headers = (name: string) => ({ key: keyOf(name), headers: { 'User-Agent': name } });
    const granted = await server.post('/refresh', { refresh }, headers(first));
    expect(granted.status).toBe(200);
    const refused = await server.post('/refresh', { refresh }, headers(second));
    expect(refused).toMatchObject({ status: 401, body: { error: 'invalid_grant' } });
    expect((await refreshWith(server, granted.body.refresh, first)).status).toBe(401);
    expect((await me(server, granted.body.access)).status).toBe(401);
    expect(partiesOf(audit[0])).toEqual({
      last: { ip: '127.0.0.1', userAgent: first, generation: 1 },
      presented: { ip: '127.0.0.1', userAgent: second, generation: 0 },
    });
    expect(audit.map(({ type }) => type)).toEqual(['refresh_reused']);
    expect(await findSession(store, refresh)).toMatchObject({ revokedReason: 'refresh_reused' });
  });

  it('R5: of 64 at once, half with the key of a thief, none goes on, and one is audited', async () => {
    const { store, audit } = withAudit(await open());
    const server = await serve({ store });
    const { refresh } = await server.signUp();
    const racers = Array.from({ length: 64 }, (_, index) =>
      refreshWith(server, refresh, index % 2 === 0 ? 'owner' : 'thief'),
    );
    const granted = (await Promise.all(racers)).filter(({ status }) => status === 200);
    expect(granted.length).toBeGreaterThan(0);
    for (const { body } of granted) expect((await refreshWith(server, body.refresh)).status).toBe(401);
    expect(audit).toHaveLength(1);
    expect(server.events.filter(({ type }) => type === 'refresh_reused')).toHaveLength(1);
  });

  it('R5: a reuse decided on a row that has changed meanwhile is decided again', async () => {
    const { store: inner, audit } = withAudit(await open());
    let before: (() => Promise<unknown>) | undefined;
    const revoke: Store['sessions']['revoke'] = async (revocation) => {
      const first = before;
      before = undefined;
      await first?.();
      return inner.sessions.revoke(revocation);
    };
    const server = await serve({ store: withSessions(inner, { revoke }) });
    const { refresh } = await server.signUp();
    const second = await refreshWith(server, refresh);
    before = () => refreshWith(server, second.body.refresh);
    expect((await refreshWith(server, refresh, 'thief')).status).toBe(401);
    expect(partiesOf(audit[0])).toMatchObject({ last: { generation: 2 } });
    expect((await findSession(inner, refresh))?.revokedAt).not.toBeNull();
  });
}

function restores(open: OpenStore): void {
  it('R11: within the chain it walks up with its own key, one step a request, and nothing ends', async () => {
    const { store, audit } = withAudit(await open());
    const server = await serve({ store });
    const tokens = await rotateTimes(server, (await server.signUp()).refresh, 9);
    for (let generation = 1; generation < 8; generation += 1) {
      const reply = await refreshWith(server, tokens[generation]!);
      const body = { error: 'stale_refresh', generation: 9, refresh: tokens[generation + 1] };
      expect(reply).toMatchObject({ status: 409, body });
      expect(reply.body).not.toHaveProperty('access');
    }
    const top = await refreshWith(server, tokens[8]!);
    expect(top).toMatchObject({ status: 200, body: { refresh: tokens[9] } });
    expect(audit).toEqual([]);
  });

  it('R11: from before the chain it is told so, and is a theft once it says that it has nothing newer', async () => {
    const { store, audit } = withAudit(await open());
    const server = await serve({ store });
    const tokens = await rotateTimes(server, (await server.signUp()).refresh, 9);
    const woken = await refreshWith(server, tokens[0]!);
    expect(woken).toMatchObject({ status: 409, body: { error: 'stale_refresh', generation: 9 } });
    expect(woken.body).not.toHaveProperty('refresh');
    expect((await findSession(store, tokens[0]!))?.revokedAt).toBeNull();
    const final = await server.post('/refresh', { refresh: tokens[0], final: true }, { key: keyOf('owner') });
    expect(final).toMatchObject({ status: 401, body: { error: 'invalid_grant' } });
    expect(partiesOf(audit[0])).toMatchObject({ last: { generation: 9 }, presented: { generation: 0 } });
    expect((await refreshWith(server, tokens[9]!)).status).toBe(401);
  });

  it('R11: without the key that it was made with it is a theft, within the chain too', async () => {
    const { store, audit } = withAudit(await open());
    const server = await serve({ store });
    const tokens = await rotateTimes(server, (await server.signUp()).refresh, 5);
    expect((await refreshWith(server, tokens[2]!, 'another-profile')).status).toBe(401);
    expect(partiesOf(audit[0])).toMatchObject({ last: { generation: 5 }, presented: { generation: 2 } });
    expect((await refreshWith(server, tokens[5]!)).status).toBe(401);
  });
}

function revocations(open: OpenStore): void {
  it('R7: a refresh after sign-out is refused', async () => {
    const server = await serve({ store: await open() });
    const { refresh } = await server.signUp();
    expect((await server.post('/sign-out', { refresh })).status).toBe(204);
    expect((await refreshWith(server, refresh)).status).toBe(401);
  });

  it('R7: a refresh that races a sign-out leaves nothing alive, whoever wins', async () => {
    const server = await serve({ store: await open() });
    const { refresh } = await server.signUp();
    const replies = await Promise.all([
      ...Array.from({ length: 10 }, () => refreshWith(server, refresh)),
      server.post('/sign-out', { refresh }),
      ...Array.from({ length: 10 }, () => refreshWith(server, refresh)),
    ]);
    for (const { status, body } of replies.filter((reply) => reply.status === 200)) {
      expect((await refreshWith(server, body.refresh)).status, String(status)).toBe(401);
      expect((await me(server, body.access)).status).toBe(401);
    }
    expect((await refreshWith(server, refresh)).status).toBe(401);
  });

  it('R7: a refresh that is decided after the sign-out has committed gets nothing, however early it was sent', async () => {
    const gate = gated();
    const inner = await open();
    const rotate: Store['sessions']['rotate'] = async (rotation) => {
      await gate.wait();
      return inner.sessions.rotate(rotation);
    };
    const server = await serve({ store: withSessions(inner, { rotate }) });
    const { refresh } = await server.signUp();
    gate.shut();
    const refreshing = refreshWith(server, refresh);
    await gate.reached();
    expect((await server.post('/sign-out', { refresh })).status).toBe(204);
    gate.open();
    expect(await refreshing).toMatchObject({ status: 401, body: { error: 'invalid_grant' } });
  });

  it('R7: a sign-in with the old password that races a password change gets no session', async () => {
    const gate = gated();
    const inner = await open();
    const create: Store['sessions']['create'] = async (...parameters) => {
      await gate.wait();
      return inner.sessions.create(...parameters);
    };
    const server = await serve({ store: withSessions(inner, { create }) });
    const { refresh, user } = await server.signUp();
    gate.shut();
    // The old password has been checked; the session is about to be inserted.
    const signingIn = server.post('/sign-in', { username: 'ada', password: testPassword });
    await gate.reached();
    const change = { current: testPassword, next: 'another passphrase for tests', refresh };
    expect((await server.post('/password', change, { key: keyOf('owner') })).status).toBe(200);
    gate.open();
    expect(await signingIn).toMatchObject({ status: 401, body: { error: 'invalid_credentials' } });
    expect(await inner.sessions.listByUser(user.id, 0 as never)).toHaveLength(1);
  });

  it('R7: a token signed by a slow node in the second of "sign out everywhere" has the epoch before it', async () => {
    const gate = gated();
    const inner = await open();
    const rotate: Store['sessions']['rotate'] = async (rotation) => {
      const rotated = await inner.sessions.rotate(rotation);
      await gate.wait();
      return rotated;
    };
    const server = await serve({ store: withSessions(inner, { rotate }) });
    const { refresh } = await server.signUp();
    gate.shut();
    const refreshing = refreshWith(server, refresh);
    await gate.reached();
    expect((await server.post('/sign-out', { refresh, everywhere: true })).status).toBe(204);
    gate.open();
    const { body } = await refreshing;
    expect(decodeAccessToken(body.access)?.claims.epoch).toBe(0);
    expect((await inner.users.findByName('ada'))?.epoch).toBe(1);
    expect((await me(server, body.access)).status).toBe(401);
    expect((await refreshWith(server, body.refresh)).status).toBe(401);
  });
}

function limits(open: OpenStore): void {
  it('R8: through 1,000 rotations the absolute end is not moved', async () => {
    const store = await open();
    const server = await serve({ store, lifetimes: { absoluteSeconds: 40 * day } });
    let { refresh } = await server.signUp();
    const end = (await findSession(store, refresh))?.absoluteExpiresAt;
    for (let step = 1; step <= 1000; step += 1) {
      server.clock.advance((40 * day) / 1001);
      const { status, body } = await refreshWith(server, refresh);
      expect(status, String(step)).toBe(200);
      ({ refresh } = body);
    }
    expect((await findSession(store, refresh))?.absoluteExpiresAt).toBe(end);
    server.clock.advance((40 * day) / 1001 + 1);
    expect((await refreshWith(server, refresh)).status).toBe(401);
  });

  it('R9: a refresh token is no access token, and the reverse', async () => {
    const server = await serve({ store: await open() });
    const { access, refresh } = await server.signUp();
    const asAccess = await me(server, refresh);
    expect(asAccess.status).toBe(401);
    expect(asAccess.headers.get('www-authenticate')).toContain('error="invalid_token"');
    expect(await refreshWith(server, access)).toMatchObject({ status: 401, body: { error: 'invalid_grant' } });
    expect((await me(server, access)).status).toBe(200);
    expect((await refreshWith(server, refresh)).status).toBe(200);
  });

  it('R12: a token of a higher generation, forged with a leaked server secret, is refused and writes nothing', async () => {
    const keys = await loadKeys(await generateKeys());
    const { store, audit } = withAudit(await open());
    const server = await serve({ keys, store });
    const [, , refresh = ''] = await rotateTimes(server, (await server.signUp()).refresh, 2);
    const { sessionId } = decodeRefreshToken(refresh)!;
    const before = await store.sessions.find(sessionId);
    for (const generation of [3, 9, 4_294_967_295]) {
      const forged = writeRefreshToken(keys, { keyId: 1, sessionId, generation, secret: new Uint8Array(32) });
      expect(readRefreshToken(keys, forged).kind).toBe('authentic');
      for (const final of [false, true]) {
        const reply = await server.post('/refresh', { refresh: forged, final }, { key: keyOf('forger') });
        expect(reply).toMatchObject({ status: 409, body: { error: 'stale_refresh', generation: 2 } });
        expect(reply.text).not.toMatch(/lk1_|"access"/);
      }
      expect(await server.post('/refresh', { refresh: forged })).toMatchObject({ status: 409 });
    }
    expect(await store.sessions.find(sessionId)).toEqual(before);
    expect(audit).toEqual([]);
    expect((await refreshWith(server, refresh)).status).toBe(200);
  });
}
