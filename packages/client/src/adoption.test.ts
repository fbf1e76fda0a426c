import { decodeAccessToken } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import type { WireRequest } from './ports.js';
import {
  type World,
  api,
  minute,
  openWorld,
  signedIn,
  settled,
  pass,
  refreshed,
  tokens,
} from './testing/session-world.fixture.js';

describe('the version of the app from before Latchkey, open in another tab or rolled back to', () => {
  /** Refreshes as a hand-written interceptor does, by the keys that both keep: without an idempotency key. */
  async function refreshedBefore(world: World): Promise<void> {
    const before = typeof world.legacy === 'object' ? world.legacy : world.storage.record()!.session!;
    const { accessToken, refreshToken } = before;
    await world.clock.advance(2000);
    const body = { refresh: refreshToken };
    const answer = await world.pass({ method: 'POST', url: `${api}/auth/refresh`, headers: {}, body });
    expect(answer.status).toBe(200);
    const { access, refresh } = answer.body as { access: string; refresh: string };
    expect(access).not.toBe(accessToken);
    const issuedAt = decodeAccessToken(access)?.claims.iat;
    world.legacy = { accessToken: access, refreshToken: refresh, user: undefined, issuedAt };
  }

  it('refreshes, and the session goes on from what it got: before a refresh, as one person, without a sign-out', async () => {
    const world = openWorld();
    const tabs = await signedIn(world, 2);
    for (let round = 0; round < 12; round += 1) {
      await refreshedBefore(world);
      await refreshed(world, tabs[round % 2]!);
      world.legacy = undefined;
    }
    await pass(world, 60 * minute);
    for (const { session, signedOut, revoked, views } of tabs) {
      expect(session.snapshot().status).toBe('signed-in');
      expect([signedOut, revoked]).toEqual([[], []]);
      expect(views.at(-1)).toBe('signed-in');
    }
    expect((await tokens(tabs)).size).toBe(1);
  });

  it('signs out, and so does this one: at its next look, in every tab, and at the server', async () => {
    const world = openWorld();
    const tabs = await signedIn(world, 2);
    const { refreshToken } = world.storage.record()!.session!;
    world.legacy = 'signed-out';
    await world.clock.advance(2000);
    await expect(tabs[0]!.session.refresh()).rejects.toMatchObject({ code: 'ERR_SIGNED_OUT' });
    await settled(world);
    expect(tabs.map(({ signedOut }) => signedOut)).toEqual([['elsewhere'], ['elsewhere']]);
    expect(world.sent.at(-1)).toMatchObject({ url: `${api}/auth/sign-out`, body: { refresh: refreshToken } });
  });

  it('takes its keys away only to write them anew: that is no sign-out', async () => {
    const world = openWorld();
    const [tab] = await signedIn(world, 1);
    world.legacy = 'signed-out';
    const looking = refreshed(world, tab!);
    world.storage.put(world.storage.record());
    queueMicrotask(() => (world.legacy = undefined));
    await looking;
    expect([tab!.session.snapshot().status, tab!.signedOut]).toEqual(['signed-in', []]);
  });

  it('signs another person in, whose name this one then learns', async () => {
    const world = openWorld();
    const [tab] = await signedIn(world, 1);
    await world.clock.advance(2000);
    const bob = { username: 'bob', password: 'another passphrase' };
    const request = { method: 'POST', url: `${api}/auth/sign-up`, headers: {}, body: bob } as WireRequest;
    const { access, refresh } = (await world.pass(request)).body as { access: string; refresh: string };
    const issuedAt = decodeAccessToken(access)?.claims.iat;
    world.legacy = { accessToken: access, refreshToken: refresh, user: undefined, issuedAt };
    const before = world.refreshes();
    // Something in storage has changed: the tab looks again.
    world.storage.put(world.storage.record());
    await settled(world);
    await world.clock.advance(2000);
    await settled(world);
    expect([tab!.session.snapshot().user?.username, world.refreshes() - before]).toEqual(['bob', 1]);
    expect(tab!.signedOut).toEqual([]);
  });

  it('refreshed while Latchkey was away: a page that opens takes that over', async () => {
    const world = openWorld();
    const [tab] = await signedIn(world, 1);
    tab!.session.start()();
    await refreshedBefore(world);
    await refreshedBefore(world);
    const back = world.tab();
    back.session.start();
    await settled(world);
    await pass(world, 2 * minute);
    expect([back.session.snapshot().status, back.signedOut]).toEqual(['signed-in', []]);
    expect(world.storage.record()?.session?.generation).toBeGreaterThan(2);
  });
});
