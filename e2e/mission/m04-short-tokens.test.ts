import { afterAll, expect, onTestFinished, test } from 'vitest';
import { closeEngine, type Tab } from '../harness/browser.js';
import { accessToken, call, signIn, signUp, type Outcome } from '../harness/lab.js';
import { startOpaqueServer } from '../harness/opaque-server.js';
import { until } from '../harness/until.js';
import { startWorld, type World } from '../harness/world.js';

afterAll(closeEngine);

const refreshes = /^POST \/auth\/refresh/;
const seconds = (count: number) => count * 1000;

/** A bank: five-minute tokens, so a margin of one minute. */
async function bank(
  tabs = 1,
): Promise<{ world: World; tabs: [Tab, ...Tab[]]; advance: (by: number) => Promise<void> }> {
  const world = await startWorld({ movesTime: true, server: { preset: 'bank' } });
  const profile = await world.openProfile();
  const first = await profile.newTab(world.page.origin);
  await signUp(first);
  const others = await Promise.all(Array.from({ length: tabs - 1 }, () => profile.newTab(world.page.origin)));
  return { world, tabs: [first, ...others], advance: (by) => world.advance(by) };
}

const arrivals = ({ api }: World) => api.received.filter(({ url }) => url === '/time').length;

test('M4: a five-minute token is not refreshed at each request', async () => {
  const { world, tabs, advance } = await bank(2);
  for (let minute = 0; minute < 3; minute++) {
    for (const tab of tabs) expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
    await advance(seconds(60));
  }
  await advance(seconds(45));
  for (const tab of tabs) expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
  expect(world.proxy.count(refreshes), '75 s before expiry, outside the margin').toBe(0);
  await advance(seconds(20));
  for (const tab of tabs) expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
  await until(() => world.proxy.count(refreshes) === 1, { what: 'one refresh within the margin' });
});

test('M4: within the margin a request uses the old token at once while the refresh runs beside it', async () => {
  const { world, tabs, advance } = await bank();
  const old = await accessToken(tabs[0]);
  const refresh = world.proxy.hold(refreshes, 'before');
  await advance(seconds(250));
  const sent = await tabs[0].evaluate(async (url) => {
    const fetch = window.fetch.bind(window);
    let atOnce = false;
    window.fetch = (...request) => {
      atOnce = true;
      return fetch(...request);
    };
    const answer = window.lab.session.fetch(url);
    const before = atOnce;
    return { atOnce: before, status: (await answer).status };
  }, `${world.apiUrl}/time`);
  expect(sent).toEqual({ atOnce: true, status: 200 });
  await until(() => refresh.held === 1, { what: 'the refresh is under way' });
  expect(world.api.received.at(-1)?.headers.authorization).toBe(`Bearer ${old}`);
  refresh.release();
  await until(async () => (await accessToken(tabs[0])) !== old, { what: 'the new token is there' });
});

test('M4: with less than 30 s left a request waits for the refresh', async () => {
  const { world, tabs, advance } = await bank();
  const old = await accessToken(tabs[0]);
  const refresh = world.proxy.hold(refreshes, 'before');
  await advance(seconds(280));
  const ended = call(tabs[0], `${world.apiUrl}/time`);
  await until(() => refresh.held === 1, { what: 'the refresh is under way' });
  expect(arrivals(world), 'nothing was sent with the old token').toBe(0);
  refresh.release();
  expect((await ended).status).toBe(200);
  expect(world.api.received.at(-1)?.headers.authorization).not.toBe(`Bearer ${old}`);
});

test('M4: a request waits at most 5 s and then fails with an error that says so', async () => {
  const { world, tabs, advance } = await bank();
  const refresh = world.proxy.hold(refreshes, 'before');
  await advance(seconds(299));
  await tabs[0].evaluate(
    ({ url }) => {
      window.kept = window.lab.session.fetch(url).then(() => 'answered', window.errorText);
    },
    { url: `${world.apiUrl}/time` },
  );
  await until(() => refresh.held === 1, { what: 'the refresh is under way' });
  await advance(seconds(2));
  const stillWaiting = tabs[0].evaluate(() =>
    Promise.race([window.kept as Promise<string>, Promise.resolve('waiting')]),
  );
  expect(await stillWaiting).toBe('waiting');
  await advance(seconds(4));
  expect(await tabs[0].evaluate(() => window.kept as Promise<string>)).toMatch(
    /^ERR_TIMEOUT: No valid access token within the time/,
  );
  expect(arrivals(world)).toBe(0);
  refresh.release();
});

/** A token server whose clock is ahead of the browser's: its tokens are not valid yet. */
async function earlyTokens(ahead: number): Promise<{ tab: Tab; url: string; renewals: () => number; world: World }> {
  const world = await startWorld({ movesTime: true });
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const server = await startOpaqueServer({
    expiresIn: 900,
    accessToken: (count) => {
      const now = Math.floor(world.clock.now() / 1000);
      const claims = { sub: '1', jti: String(count), iat: now, nbf: now + ahead, exp: now + ahead + 900 };
      return `${encode({ alg: 'ES256', typ: 'at+jwt' })}.${encode(claims)}.${'A'.repeat(86)}`;
    },
  });
  onTestFinished(() => server.close());
  world.setPage({ api: server.url, backend: { kind: 'opaque', url: server.url } });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signIn(tab);
  return { tab, url: `${server.url}/data`, renewals: () => server.renewals, world };
}

test('M4: a token that becomes valid in 3 s is waited for', async () => {
  const { tab, url, renewals, world } = await earlyTokens(3);
  let outcome: Outcome | undefined;
  void call(tab, url).then((ended) => (outcome = ended));
  await until(
    async () => {
      await world.advance(500);
      return outcome !== undefined;
    },
    { what: 'the call has ended' },
  );
  expect(outcome).toMatchObject({ status: 200 });
  expect(renewals(), 'no refresh makes it valid sooner').toBeLessThanOrEqual(1);
});

test('M4: a token that becomes valid in an hour is waited for 5 s, without spinning', async () => {
  const { tab, url, renewals, world } = await earlyTokens(3600);
  let outcome: Outcome | undefined;
  void call(tab, url).then((ended) => (outcome = ended));
  const begun = world.clock.now();
  await until(
    async () => {
      await world.advance(500);
      return outcome !== undefined;
    },
    { what: 'the call has ended' },
  );
  expect(outcome).toMatchObject({ status: 0, error: expect.stringMatching(/^ERR_(TIMEOUT|SERVER|BAD_ANSWER)$/) });
  expect(world.clock.now() - begun).toBeLessThan(seconds(15));
  expect(renewals()).toBeLessThanOrEqual(6);
});
