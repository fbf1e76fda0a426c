import { describe, expect, it } from 'vitest';
import {
  type Tab,
  type World,
  api,
  hour,
  inTime,
  minute,
  openWorld,
  pass,
  person,
  refreshed,
  settled,
  signedIn,
  tokens,
} from '../testing/session-world.fixture.js';

describe('E40: an IndexedDB that is not to be had', () => {
  const ways: [string, (world: World) => Tab][] = [
    ['absent', (world) => world.tab({}, { hasDatabase: false })],
    ['throwing', (world) => withFault(world, 'blocked')],
    ['without a place for keys (DataCloneError)', (world) => withFault(world, 'no keys')],
  ];

  function withFault(world: World, fault: Tab['database']['fault']): Tab {
    const tab = world.tab();
    tab.database.fault = fault;
    return tab;
  }

  it.each(ways)(
    'E40: %s: the tier below, stated in the snapshot; no loop; signed in over a reload',
    async (_, open) => {
      const world = openWorld();
      const tabs = [open(world), open(world)] as const;
      for (const { session } of tabs) session.start();
      await tabs[0].session.signUp(person);
      await pass(world, 3 * hour);
      expect(tabs.map(({ session }) => session.snapshot())).toMatchObject([
        { status: 'signed-in', tier: 'intent' },
        { status: 'signed-in', tier: 'intent' },
      ]);
      expect((await tokens([...tabs])).size).toBe(1);
      expect(world.refreshes()).toBe(15);
      await pass(world, minute);
      for (const { database } of tabs) expect(database.asked).toBeLessThan(100);
      const reloaded = open(world);
      reloaded.session.start();
      expect(reloaded.session.snapshot()).toMatchObject({ status: 'signed-in', user: { username: 'ada' } });
      await settled(world);
      expect([world.refreshes(), reloaded.signedOut]).toEqual([16, []]);
    },
  );

  it('E40: throwing: is told once, and asked no more', async () => {
    const world = openWorld();
    const tab = withFault(world, 'blocked');
    tab.session.start();
    await tab.session.signUp(person);
    const asked = tab.database.asked;
    await pass(world, 3 * hour);
    expect(tab.database.asked).toBe(asked);
    expect(tab.session.explain().filter(({ type }) => type === 'indexeddb_unavailable').length).toBe(1);
  });
});

describe('E48: an IndexedDB that opens in one tab and throws in another', () => {
  /** One tab of each, on which ada is signed in. */
  async function mixed(): Promise<{ world: World; well: Tab; ill: Tab }> {
    const world = openWorld();
    const [well] = (await signedIn(world, 1)) as [Tab];
    const ill = world.tab();
    ill.database.fault = 'blocked';
    ill.session.start();
    await settled(world);
    return { world, well, ill };
  }

  /** Every idempotency key that a refresh token was presented with. */
  function keysOf({ sent }: World): Map<unknown, Set<unknown>> {
    const keys = new Map<unknown, Set<unknown>>();
    for (const { url, body, headers } of sent) {
      if (!url.endsWith('/refresh')) continue;
      const { refresh } = body as { refresh?: string };
      keys.set(refresh, (keys.get(refresh) ?? new Set()).add(headers?.['Idempotency-Key']));
    }
    return keys;
  }

  it('E48: no second key, no sign-out: the one goes on with what the other refreshes', async () => {
    const { world, well, ill } = await mixed();
    await pass(world, 3 * hour);
    expect((await tokens([well, ill])).size).toBe(1);
    expect([well.signedOut, ill.signedOut]).toEqual([[], []]);
    const keys = [...keysOf(world).values()];
    expect(keys.length).toBeGreaterThan(14);
    expect(keys.every(({ size }) => size === 1)).toBe(true);
  });

  it('E48: alone, it draws no key of its own: it waits, says why, and goes on when it can open it', async () => {
    const { world, well, ill } = await mixed();
    well.door.freezeAfter(0);
    const before = world.refreshes();
    await pass(world, 16 * minute);
    await expect(inTime(world, ill.session.accessToken())).rejects.toMatchObject({
      kind: 'transient',
      code: 'ERR_STORAGE',
    });
    expect([world.refreshes(), ill.session.snapshot().status]).toEqual([before, 'signed-in']);
    ill.database.fault = 'none';
    await pass(world, 2 * minute);
    expect(await ill.session.accessToken()).toBeTruthy();
    await well.door.thaw();
    await refreshed(world, well);
    await settled(world);
    expect((await tokens([well, ill])).size).toBe(1);
    expect([well.signedOut, ill.signedOut]).toEqual([[], []]);
  });

  it.each(['well', 'ill'] as const)('E48: a sign-out in the %s one is final in both, and at the server', async (by) => {
    const { world, ...tabs } = await mixed();
    await refreshed(world, tabs.well);
    const { refreshToken } = world.storage.record()!.session!;
    await tabs[by].session.signOut();
    await pass(world, hour);
    const other = by === 'well' ? tabs.ill : tabs.well;
    expect([tabs[by].signedOut, other.signedOut]).toEqual([['user'], ['elsewhere']]);
    expect(world.storage.record()?.session).toBeNull();
    const answer = await world.pass({ method: 'POST', url: `${api}/auth/refresh`, body: { refresh: refreshToken } });
    expect(answer.body).toMatchObject({ error: 'invalid_grant' });
  });
});
