import { describe, expect, it } from 'vitest';
import type { WireAnswer, WireRequest } from '../ports.js';
import {
  type Tab,
  type World,
  inTime,
  minute,
  noNetwork,
  openWorld,
  pass,
  settled,
  signedIn,
  wireAnswer,
} from '../testing/session-world.fixture.js';

const isRefresh = ({ url }: WireRequest): boolean => url.endsWith('/refresh');

/** When refreshes were sent, of a world whose server answers each of them so; sign-in is left alone. */
function answering(world: World, answer: () => ReturnType<World['way']>): number[] {
  const sent: number[] = [];
  world.way = (request, go) => {
    if (!isRefresh(request)) return go();
    sent.push(world.clock.now());
    return answer();
  };
  return sent;
}

const gaps = (sent: readonly number[]): number[] => sent.slice(1).map((at, index) => at - sent[index]!);
const mostInAMinute = (sent: readonly number[]): number =>
  Math.max(0, ...sent.map((from) => sent.filter((at) => at >= from && at < from + minute).length));

const html = { 'Content-Type': 'text/html' };
const page = '<!doctype html><title>Welcome to the hotel</title>';
const reply = (status: number, body = '', headers: Record<string, string> = {}) => {
  return () => wireAnswer(new Response(body, { status, headers }));
};

describe('E9: an answer that says nothing of the session', { timeout: 20_000 }, () => {
  it.each([
    ['500', reply(500, '{"error":"internal"}'), 'ERR_SERVER'],
    ['502 with HTML', reply(502, '<h1>Bad gateway</h1>', html), 'ERR_SERVER'],
    ['503', reply(503), 'ERR_SERVER'],
    ['429 with Retry-After', reply(429, '{"error":"slow_down"}', { 'Retry-After': '7' }), 'ERR_THROTTLED'],
    ['408', reply(408), 'ERR_SERVER'],
    ['a CORS failure', () => Promise.resolve(noNetwork), 'ERR_NETWORK'],
    ['a time-out', () => Promise.resolve({ status: 0, failure: 'timeout' } as const), 'ERR_TIMEOUT'],
    ['a captive portal', reply(200, page, html), 'ERR_BAD_ANSWER'],
    ['truncated JSON', reply(200, '{"access":"eyJhbGciOi'), 'ERR_BAD_ANSWER'],
    ['a 403 of a firewall', reply(403, page, html), 'ERR_SERVER'],
    ['a 401 of a proxy', reply(401, page, html), 'ERR_SERVER'],
    ['a 404 of a deploy', reply(404, '{"error":"not_found"}'), 'ERR_SERVER'],
  ] as const)(
    'E9: %s signs nobody out, is tried again with back-off, and is over when the server is well',
    async (name, answer, code) => {
      const world = openWorld();
      const [tab] = (await signedIn(world, 1)) as [Tab];
      const old = await tab.session.accessToken();
      const sent = answering(world, answer);
      await pass(world, 13 * minute);
      expect(await tab.session.accessToken()).toBe(old);
      // The token is over, and a request waits as long as it may.
      await pass(world, 2 * minute);
      await expect(inTime(world, tab.session.accessToken())).rejects.toMatchObject({ kind: 'transient', code });
      await pass(world, 10 * minute);
      expect([tab.session.snapshot().status, tab.signedOut]).toEqual(['signed-in', []]);
      expect(sent.length).toBeGreaterThan(10);
      expect(gaps(sent)[0]).toBeGreaterThanOrEqual(name.startsWith('429') ? 7000 : 1000);
      // Twice as long each time, up to half a minute: the jitter of this world is one half.
      expect(Math.max(...gaps(sent))).toBe(30_000);
      world.way = (_, go) => go();
      await pass(world, minute);
      expect(await tab.session.accessToken()).not.toBe(old);
      expect(tab.session.snapshot()).toMatchObject({ status: 'signed-in', online: true });
    },
  );

  it('E9: nor does it sign out a page that opens to it', async () => {
    const world = openWorld();
    await signedIn(world, 1);
    answering(world, reply(200, page, html));
    await world.clock.advance(20 * minute);
    const tab = world.tab();
    tab.session.start();
    await pass(world, 5 * minute);
    expect([tab.session.snapshot().status, tab.signedOut]).toEqual(['signed-in', []]);
  });
});

describe('E10: a 200 whose tokens are odd', { timeout: 20_000 }, () => {
  interface Body {
    access?: unknown;
    refresh?: unknown;
    expires_in?: unknown;
  }

  /** Lets the server's refreshes through and changes what they say. */
  function twisting(world: World, twist: (body: Body, presented: unknown) => Body): number[] {
    const sent: number[] = [];
    world.way = async (request, go) => {
      const answer: WireAnswer = await go();
      if (!isRefresh(request)) return answer;
      sent.push(world.clock.now());
      const presented = (request.body as Body | undefined)?.refresh;
      return { ...answer, body: twist(answer.body as Body, presented) };
    };
    return sent;
  }

  it.each([
    ['no access token', (body: Body) => ({ ...body, access: undefined })],
    ['an access token of null', (body: Body) => ({ ...body, access: null })],
    ['an access token that no header can hold', (body: Body) => ({ ...body, access: 'a\nb' })],
    ['no token at all', () => ({})],
  ])('E10: %s is a typed error, no sign-out and no loop', async (_, twist) => {
    const world = openWorld();
    const [tab] = (await signedIn(world, 1)) as [Tab];
    const sent = twisting(world, twist);
    await pass(world, 16 * minute);
    await expect(inTime(world, tab.session.accessToken())).rejects.toMatchObject({
      kind: 'transient',
      code: 'ERR_BAD_ANSWER',
    });
    expect([tab.session.snapshot().status, tab.signedOut]).toEqual(['signed-in', []]);
    expect(mostInAMinute(sent)).toBeLessThanOrEqual(30);
    world.way = (_request, go) => go();
    await pass(world, minute);
    expect(await tab.session.accessToken()).toBeTruthy();
  });

  it.each([
    ['0', 0],
    ['negative', -60],
    ['a string of digits', '900'],
    ['a string of no digits', 'soon'],
    ['missing', undefined],
    ['absurd', 1e12],
  ])('E10: expires_in %s: the token says the same itself, and there is no loop', async (_, value) => {
    const world = openWorld();
    const [tab] = (await signedIn(world, 1)) as [Tab];
    const sent = twisting(world, (body) => ({ ...body, expires_in: value }));
    for (let minutes = 0; minutes < 60; minutes += 1) {
      await pass(world, minute);
      expect(await tab.session.accessToken()).toBeTruthy();
    }
    expect([sent.length, tab.signedOut]).toEqual([5, []]);
  });

  it.each([0, -60, 'soon', undefined, 1])(
    'E10: expires_in %s of an opaque token: no loop, no sign-out',
    async (value) => {
      const world = openWorld();
      const [tab] = (await signedIn(world, 1)) as [Tab];
      const sent = twisting(world, (body) => ({ ...body, access: `opaque-${sent.length}`, expires_in: value }));
      for (let minutes = 0; minutes < 30; minutes += 1) {
        await pass(world, minute);
        expect(await inTime(world, tab.session.accessToken())).toContain(minutes < 11 ? '.' : 'opaque');
      }
      expect(mostInAMinute(sent)).toBeLessThanOrEqual(30);
      expect(Math.min(...gaps(sent))).toBeGreaterThanOrEqual(1000);
      expect(tab.signedOut).toEqual([]);
    },
  );

  it.each([
    ['the old refresh token', (body: Body, refresh: unknown) => ({ ...body, refresh })],
    ['no refresh token', (body: Body) => ({ ...body, refresh: undefined })],
  ])('E10: %s: the presented one stays, and our server takes it once more', async (_, twist) => {
    const world = openWorld();
    const [tab] = (await signedIn(world, 1)) as [Tab];
    twisting(world, twist);
    await pass(world, 13 * minute);
    await settled(world);
    world.way = (_request, go) => go();
    await pass(world, 60 * minute);
    expect([tab.session.snapshot().status, tab.signedOut]).toEqual(['signed-in', []]);
    expect(world.storage.record()?.session?.generation).toBeGreaterThan(3);
  });
});
