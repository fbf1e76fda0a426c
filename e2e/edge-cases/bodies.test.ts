import { afterAll, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { needs } from '../harness/engines/needs.js';
import { startHttp2Front } from '../harness/http2-front.js';
import { call, refresh, signUp, untilStatus } from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

const refreshes = /^POST \/auth\/refresh/;

/** Someone signed in whose token the API takes for expired while the browser takes it for fresh. */
async function openStale() {
  const world = await startWorld({ movesTime: true });
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  await profile.advance(2000);
  world.clock.advance(minutes(16));
  return { world, profile, tab, echo: `${world.apiUrl}/echo` };
}

/** Calls that are answered 401 at first: each sends its body by `session.fetch` and tells what came back. */
const bodies: [string, (url: string) => Promise<unknown>, unknown][] = [
  [
    'JSON',
    (url) =>
      window.lab.session
        .fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"name":"Zoë"}' })
        .then((response) => response.json()),
    { name: 'Zoë' },
  ],
  [
    'FormData with a file',
    async (url) => {
      const form = new FormData();
      form.append('name', 'Zoë');
      form.append('picture', new File([new Uint8Array(300_000).fill(7)], 'noise.png', { type: 'image/png' }));
      const back = await (await window.lab.session.fetch(url, { method: 'POST', body: form })).formData();
      const picture = back.get('picture') as File;
      const sum = new Uint8Array(await picture.arrayBuffer()).reduce((all, byte) => all + byte, 0);
      return [back.get('name'), picture.name, picture.type, sum];
    },
    ['Zoë', 'noise.png', 'image/png', 2_100_000],
  ],
  [
    'a Blob',
    async (url) => {
      const body = new Blob(['Zoë'], { type: 'text/x-name' });
      const response = await window.lab.session.fetch(url, { method: 'POST', body });
      return [response.headers.get('content-type'), await response.text()];
    },
    ['text/x-name', 'Zoë'],
  ],
  [
    'URLSearchParams',
    (url) =>
      window.lab.session
        .fetch(url, { method: 'POST', body: new URLSearchParams({ name: 'Zoë' }) })
        .then((response) => response.text()),
    'name=Zo%C3%AB',
  ],
  [
    'an ArrayBuffer',
    (url) =>
      window.lab.session
        .fetch(url, { method: 'POST', body: new TextEncoder().encode('Zoë').buffer })
        .then((response) => response.text()),
    'Zoë',
  ],
  [
    'a Request',
    (url) =>
      window.lab.session
        .fetch(new Request(url, { method: 'PUT', headers: { 'x-kept': 'yes' }, body: 'Zoë' }))
        .then((response) => response.text()),
    'Zoë',
  ],
];

test('E19: JSON, FormData, a Blob, URLSearchParams, an ArrayBuffer and a Request are sent again after a 401', async () => {
  const { world, profile, tab, echo } = await openStale();
  for (const [name, send, expected] of bodies) {
    world.api.received.length = 0;
    expect([name, await tab.evaluate(send, echo)]).toEqual([name, expected]);
    const sends = world.api.received.map(({ status, method, headers }) => [status, method, headers['x-kept']]);
    expect(sends).toEqual([401, 200].map((status) => [status, ...sends[0]!.slice(1)]));
    const [first, second] = world.api.received;
    expect(second!.bodyBytes).toBe(first!.bodyBytes);
    await profile.advance(2000);
    world.clock.advance(minutes(16));
  }
  expect(world.proxy.count(refreshes)).toBe(bodies.length);
});

test('E19: a ReadableStream is not sent twice: a clear error says so, and the next one goes through', async () => {
  needs('request streams');
  const { world, tab } = await openStale();
  const api = await startHttp2Front(world.api.port);
  world.setPage({ api: [world.apiUrl, api] });
  await tab.reload();
  const send = () =>
    tab.evaluate(async (url) => {
      const body = new Blob(['Zoë']).stream();
      const how = { method: 'POST', body, duplex: 'half' } as RequestInit;
      return window.lab.session.fetch(url, how).then((response) => response.text(), window.errorText);
    }, `${api}/echo`);
  await untilStatus(tab, 'signed-in');
  expect(await refresh(tab)).toBeUndefined();
  world.clock.advance(minutes(16));
  const refreshed = world.proxy.count(refreshes);
  expect(await send()).toMatch(/^ERR_BODY_NOT_REPLAYABLE: .*stream/);
  expect(world.api.received.map(({ status }) => status)).toEqual([401]);
  expect(world.proxy.count(refreshes)).toBe(refreshed + 1);
  expect(await send()).toBe('Zoë');
});

test('E19: a Request whose body has been read is refused as fetch itself does, and nothing is sent', async () => {
  const { world, tab, echo } = await openStale();
  const outcome = await tab.evaluate(async (url) => {
    const request = new Request(url, { method: 'POST', body: 'Zoë' });
    await request.text();
    const { session } = window.lab;
    const ways = [(input: Request) => session.fetch(input), (input: Request) => fetch(input)];
    const ends = await Promise.allSettled(ways.map((send) => send(request)));
    return ends.map((end) => (end.status === 'rejected' ? (end.reason as Error).name : 'sent'));
  }, echo);
  expect(outcome).toEqual(['TypeError', 'TypeError']);
  expect(world.api.received).toEqual([]);
});

/** A request that waits, and one beside it. */
interface Queued {
  readonly abort: () => void;
  readonly other: Promise<string>;
  ended?: string;
}

test('E19: a request that is aborted while it waits for the refresh is never sent, and the refresh goes on for the others', async () => {
  const { world, profile, tab, echo } = await openStale();
  await profile.advance(minutes(16));
  const held = world.proxy.hold(refreshes, 'before');
  await tab.evaluate((url) => {
    const abort = new AbortController();
    const { session } = window.lab;
    const kept: Queued = {
      abort: () => abort.abort(),
      other: session.fetch(url, { method: 'POST', body: 'other' }).then((response) => response.text()),
    };
    void session
      .fetch(url, { method: 'POST', body: 'aborted', signal: abort.signal })
      .catch((error: unknown) => (kept.ended = (error as Error).name));
    window.kept = kept;
  }, echo);
  await until(() => held.held === 1, { what: 'both wait for the refresh' });
  await tab.evaluate(() => (window.kept as Queued).abort());
  const ended = () => tab.evaluate(() => (window.kept as Queued).ended);
  await until(async () => (await ended()) === 'AbortError', { what: 'its wait is over, before the refresh is' });
  held.release();
  expect(await tab.evaluate(() => (window.kept as Queued).other)).toBe('other');
  expect(world.api.received.map(({ bodyBytes, status }) => [bodyBytes, status])).toEqual([['other'.length, 200]]);
  expect((await call(tab, echo, { method: 'POST', body: 'later' })).status).toBe(200);
});
