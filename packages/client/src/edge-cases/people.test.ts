import { describe, expect, it } from 'vitest';
import { watchInactivity } from '../inactivity.js';
import {
  type Tab,
  api,
  hour,
  inTime,
  minute,
  openWorld,
  pass,
  settled,
  signedIn,
} from '../testing/session-world.fixture.js';

it.each([
  ['at once', false],
  ['together with the sign-in, having been frozen', true],
])(
  'E15: the queue of who signs out is not sent as whoever signs in next; its tab hears of it %s',
  async (_, frozen) => {
    const world = openWorld();
    const [tab, other] = (await signedIn(world, 2)) as [Tab, Tab];
    const arrived: Request[] = [];
    world.api = (request) => {
      arrived.push(request);
      return new Response('ok');
    };
    let answer = (): void => undefined;
    world.way = async (request, go) => {
      if (request.url.endsWith('/refresh')) await new Promise<void>((resolve) => (answer = resolve));
      return go();
    };
    await world.clock.advance(16 * minute);
    const { session } = tab;
    const queue = [
      session.fetch(`${api}/orders`, { method: 'POST', body: 'of ada' }),
      session.fetch(`${api}/orders`),
      session.accessToken(),
      session.refresh(),
      session.updateUser({ profile: { of: 'ada' } }),
      session.changePassword({ current: 'a passphrase for tests', next: 'of ada too' }),
    ].map((call) => call.catch((error: unknown) => error));
    await settled(world);
    if (frozen) tab.door.freezeAfter(0);
    await other.session.signOut();
    await settled(world);
    await other.session.signUp({ username: 'grace', password: 'another passphrase' });
    await tab.door.thaw();
    answer();
    await settled(world);
    for (const error of await inTime(world, Promise.all(queue))) expect(error).toMatchObject({ kind: 'signed-out' });
    expect(arrived).toEqual([]);
    expect(JSON.stringify(world.sent.filter(({ url }) => !url.endsWith('/sign-up')))).not.toContain('of ada');
    await session.fetch(`${api}/orders`);
    expect(arrived.map((request) => request.headers.get('authorization'))).toEqual([
      `Bearer ${world.storage.record()!.session!.accessToken}`,
    ]);
  },
);

describe('E50: an inactivity limit of 15 minutes, with tokens of 15 minutes', { timeout: 20_000 }, () => {
  async function watched() {
    const world = openWorld();
    const tabs = (await signedIn(world, 2)) as [Tab, Tab];
    const warnings: (number | undefined)[][] = tabs.map(({ session }) => {
      const seen: (number | undefined)[] = [];
      watchInactivity(session, {
        warnAfter: 840,
        signOutAfter: 900,
        onWarning: (warning) => seen.push(warning?.secondsLeft),
      });
      return seen;
    });
    return { world, tabs, warnings };
  }

  it('E50: a person who acts every 8 minutes, in one tab or the other, stays in all day', async () => {
    const { world, tabs, warnings } = await watched();
    for (let acts = 0; acts < 60; acts += 1) {
      await pass(world, 8 * minute);
      const tab = tabs[acts % 2]!;
      tab.act();
      expect(await inTime(world, tab.session.accessToken())).toBeTruthy();
    }
    expect(warnings).toEqual([[], []]);
    expect(tabs.map(({ signedOut }) => signedOut)).toEqual([[], []]);
    expect(world.refreshes()).toBe(40);
  });

  it('E50: who does nothing is warned in every tab, then out of every tab, and at the server', async () => {
    const { world, tabs, warnings } = await watched();
    await pass(world, hour / 12);
    tabs[1].act();
    await pass(world, 14 * minute - 1);
    expect(warnings).toEqual([[], []]);
    await pass(world, 1001);
    expect(warnings.map(([first]) => first)).toEqual([60, 60]);
    await pass(world, 58_000);
    expect(tabs.map(({ session }) => session.snapshot().status)).toEqual(['signed-in', 'signed-in']);
    const { refreshToken } = world.storage.record()!.session!;
    await pass(world, 3000);
    expect(tabs.map(({ signedOut }) => signedOut)).toEqual([['inactive'], ['inactive']]);
    expect(warnings.map((seen) => seen.at(-1))).toEqual([undefined, undefined]);
    const answer = await world.pass({ method: 'POST', url: `${api}/auth/refresh`, body: { refresh: refreshToken } });
    expect(answer.body).toMatchObject({ error: 'invalid_grant' });
  });
});
