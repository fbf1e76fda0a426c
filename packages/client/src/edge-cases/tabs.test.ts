import { milliseconds } from '@latchkey/protocol';
import { describe, expect, it } from 'vitest';
import type { WireRequest } from '../ports.js';
import {
  type Tab,
  type World,
  inTime,
  minute,
  openWorld,
  pass,
  settled,
  signedIn,
  tokens,
  wireAnswer,
} from '../testing/session-world.fixture.js';

const isRefresh = ({ url }: WireRequest): boolean => url.endsWith('/refresh');

describe('E5: another tab’s refresh that is only slow', () => {
  it('E5: longer than the wait for the lock, is no error to the app, and both end with one token', async () => {
    const world = openWorld();
    const tabs = await signedIn(world, 2);
    await world.clock.advance(11 * minute);
    world.way = async (request, go) => {
      const isFirst = isRefresh(request) && world.refreshes() === 1;
      const answer = await go();
      if (isFirst) await new Promise<void>((resolve) => void world.clock.wake(milliseconds(25_000), resolve));
      return answer;
    };
    for (let seconds = 0; seconds < 120; seconds += 1) {
      await pass(world, 1000);
      for (const { session } of tabs) expect(await session.accessToken()).toBeTruthy();
    }
    // Who waited 15 s in vain asked too: a repeat, answered with the same successor.
    expect(world.refreshes()).toBe(2);
    expect(tabs.some(({ session }) => session.explain().some(({ type }) => type === 'lock_not_held'))).toBe(true);
    expect((await tokens(tabs)).size).toBe(1);
    expect(world.storage.record()?.session?.generation).toBe(1);
    expect(tabs.flatMap(({ signedOut }) => signedOut)).toEqual([]);
  });

  it('E5: nor to who asked for a refresh in the tab that waits', async () => {
    const world = openWorld();
    const [holder, waiting] = (await signedIn(world, 2)) as [Tab, Tab];
    await world.clock.advance(2000);
    let answered = (): void => undefined;
    world.way = async (request, go) => {
      const isFirst = isRefresh(request) && world.refreshes() === 1;
      const answer = await go();
      if (isFirst) await new Promise<void>((resolve) => (answered = resolve));
      return answer;
    };
    const held = holder.session.refresh();
    await settled(world);
    await expect(inTime(world, waiting.session.refresh())).resolves.toMatchObject({ status: 'signed-in' });
    answered();
    await expect(inTime(world, held)).resolves.toMatchObject({ status: 'signed-in' });
    expect((await tokens([holder, waiting])).size).toBe(1);
  });
});

it('E36: timer, focus, online, a 401 and a click in one tick, in three tabs, make one refresh', async () => {
  const world = openWorld();
  const tabs = await signedIn(world, 3);
  world.api = (request) => {
    const isNew = request.headers.get('authorization') === `Bearer ${world.storage.record()?.session?.accessToken}`;
    const refused = { status: 401, headers: { 'WWW-Authenticate': 'Bearer error="invalid_token"' } };
    return isNew && world.refreshes() > 0 ? new Response('ok') : new Response('', refused);
  };
  await world.clock.advance(12 * minute - 1);
  world.clock.step(1);
  const answers = tabs.flatMap((tab) => {
    tab.hear('awake');
    tab.hear('online');
    return [tab.session.fetch('https://auth.test/orders').then(({ status }) => status), tab.session.refresh()];
  });
  await pass(world, 1);
  const ended = await inTime(world, Promise.all(answers));
  expect(ended.filter((end) => end === 200).length).toBe(3);
  await pass(world, minute);
  expect(world.refreshes()).toBe(1);
  expect((await tokens(tabs)).size).toBe(1);
});

describe('E44: an app that asks for the token and the session every 100 ms', { timeout: 20_000 }, () => {
  /** Asks for so long; how each call ended, in the order in which they did. */
  async function asking(world: World, tabs: Tab[], duration: number): Promise<string[]> {
    const ends: string[] = [];
    for (let passed = 0; passed < duration; passed += 100) {
      await pass(world, 100);
      for (const { session } of tabs) {
        expect(session.snapshot().status).toBe('signed-in');
        session.accessToken().then(
          () => ends.push('given'),
          (error: unknown) => ends.push((error as { code: string }).code),
        );
      }
    }
    await settled(world);
    return ends;
  }

  it('E44: in two tabs, neither starves nor multiplies the renewal', async () => {
    const world = openWorld();
    const tabs = await signedIn(world, 2);
    for (let renewals = 1; renewals <= 3; renewals += 1) {
      await pass(world, 12 * minute - 10_000);
      expect(world.refreshes()).toBe(renewals - 1);
      expect(new Set(await asking(world, tabs, 10_000))).toEqual(new Set(['given']));
      expect(world.refreshes()).toBe(renewals);
    }
  });

  it('E44: of a server that is down, with an expired token, tries again every five seconds at most', async () => {
    const world = openWorld();
    const tabs = await signedIn(world, 2);
    world.way = () => wireAnswer(new Response('', { status: 503 }));
    await pass(world, 16 * minute);
    const before = world.refreshes();
    const ends = await asking(world, tabs, 30_000);
    expect(new Set(ends)).toEqual(new Set(['ERR_SERVER']));
    expect(world.refreshes() - before).toBeLessThanOrEqual(14);
    world.way = (_, go) => go();
    await pass(world, 5000);
    expect((await tokens(tabs)).size).toBe(1);
  });
});
