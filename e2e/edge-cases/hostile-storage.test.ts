import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { call, pageErrors, refresh, signUp, snapshot, untilStatus } from '../harness/lab.js';
import { minutes } from '../harness/lengths-of-time.js';
import { until } from '../harness/until.js';
import { startWorld } from '../harness/world.js';

afterAll(closeEngine);

describe('E27: storage that is broken from the start throws nothing into the app', () => {
  const preambles: [string, string][] = [
    [
      'the getter throws',
      `Object.defineProperty(window, 'localStorage', { get() { throw new DOMException('denied', 'SecurityError') } })`,
    ],
    ['it is null', `Object.defineProperty(window, 'localStorage', { value: null })`],
    [
      'every write throws',
      `Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError') }`,
    ],
    [
      'every method throws',
      `for (const name of ['getItem', 'setItem', 'removeItem']) Storage.prototype[name] = () => { throw new Error('no') }`,
    ],
    ['there is no IndexedDB', `Object.defineProperty(window, 'indexedDB', { value: undefined })`],
    ['IndexedDB throws', `IDBFactory.prototype.open = () => { throw new DOMException('no', 'SecurityError') }`],
    [
      'neither is to be had',
      `for (const name of ['localStorage', 'indexedDB']) Object.defineProperty(window, name, { get() { throw new DOMException('denied', 'SecurityError') } })`,
    ],
  ];
  test.each(preambles)('E27: %s', async (_, preamble) => {
    const world = await startWorld({ movesTime: true });
    world.page.preamble = preamble;
    const tab = await (await world.openProfile()).newTab(world.page.origin);
    await untilStatus(tab, 'signed-out');
    await signUp(tab);
    expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
    await world.advance(minutes(16));
    expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
    expect(await pageErrors(tab)).toEqual([]);
  });
});

describe('E27: localStorage that somebody meddles with throws nothing into the app', () => {
  const meddlings: [string, (text: string) => string | null][] = [
    ['cleared', () => null],
    ['truncated', (text) => text.slice(0, 40)],
    ['not JSON', () => 'hello'],
    ['null', () => 'null'],
    ['of an older schema', (text) => text.replace('"version":1', '"version":0')],
    ['of a newer schema', () => '{"version":99,"session":{"accessToken":7}}'],
    ['edited to be another user', (text) => text.replaceAll('ada', 'root')],
  ];
  test.each(meddlings)('E27: %s', async (_, meddle) => {
    const world = await startWorld({ movesTime: true });
    const profile = await world.openProfile();
    const tab = await profile.newTab(world.page.origin);
    await signUp(tab);
    const other = await profile.newTab(world.page.origin);
    await untilStatus(other, 'signed-in');
    const stored = await tab.evaluate(() => Object.entries<string>(localStorage));
    expect(stored.length).toBeGreaterThan(0);
    await tab.evaluate(
      (entries) => {
        for (const [key, text] of entries) {
          if (text === null) localStorage.removeItem(key);
          else localStorage.setItem(key, text);
        }
      },
      stored.map(([key, text]): [string, string | null] => [key, meddle(text)]),
    );
    await world.advance(minutes(16));
    for (const one of [tab, other]) {
      expect(await refresh(one)).toBeUndefined();
      expect((await call(one, `${world.apiUrl}/time`)).status).toBe(200);
    }
    await tab.reload();
    await untilStatus(tab, 'signed-in');
    await until(async () => (await snapshot(tab)).user?.username === 'ada', { what: 'the page shows Ada' });
    for (const one of [tab, other]) expect(await pageErrors(one)).toEqual([]);
  });
});

test('E49: two apps on one origin with the same name and different servers: the second is told, and no token crosses', async () => {
  const other = await startWorld();
  const world = await startWorld();
  const profile = await world.openProfile();
  const tab = await profile.newTab(world.page.origin);
  await signUp(tab);
  const record = await tab.evaluate(() => JSON.stringify(localStorage));

  world.setPage({ api: other.apiUrl });
  const second = await profile.newTab(world.page.origin);
  onTestFinished(() => second.close());
  const told = await second.evaluate(async () => {
    const { session } = window.lab;
    const calls = [session.signIn({ username: 'ada', password: 'x' }), session.accessToken(), session.refresh()].map(
      (call) => call.then(() => 'worked', window.errorText),
    );
    return [...window.lab.errors, ...(await Promise.all(calls))];
  });
  expect(told).toHaveLength(4);
  for (const text of told) expect(text).toMatch(/^ERR_OTHER_ENDPOINT: .*name/s);
  await call(second, `${other.apiUrl}/time`);
  expect(other.api.received.filter(({ headers }) => headers.authorization !== undefined)).toEqual([]);
  expect(await tab.evaluate(() => JSON.stringify(localStorage))).toBe(record);
  expect((await call(tab, `${world.apiUrl}/time`)).status).toBe(200);
});
