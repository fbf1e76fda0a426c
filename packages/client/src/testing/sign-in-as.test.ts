import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest';
import { simpleJwt } from '../backends/simple-jwt.js';
import { parseRecordText } from '../core/parse-record.js';
import { type PageLike, type Planted, signInAs } from './sign-in-as.js';

const user = { id: '7', username: 'ada', profile: {} };
let server: Server;
let base: string;
let received: { url: string; type: string | undefined; body: string }[];
let answer: { status: number; body: string };
/** What the page would run at each load. */
let loads: { script: (planted: Planted) => void; planted: Planted }[];

beforeEach(async () => {
  [received, loads] = [[], []];
  const tokens = { access: 'access-1', refresh: 'refresh-1', expires_in: 900, refresh_expires_in: 3_600, user };
  answer = { status: 200, body: JSON.stringify(tokens) };
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      received.push({ url: request.url ?? '', type: request.headers['content-type'], body });
      response.writeHead(answer.status).end(answer.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** Playwright's page as far as it matters: its requests are real. */
const page: PageLike = {
  addInitScript: (script, planted) => Promise.resolve(loads.push({ script, planted })),
  request: {
    async fetch(url, { method, headers, data }) {
      const response = await fetch(url, { method, headers, ...(data !== undefined && { body: data }) });
      const text = await response.text();
      return {
        status: () => response.status,
        headers: () => Object.fromEntries(response.headers),
        text: () => Promise.resolve(text),
      };
    },
  },
};

/** Loads a page of the origin, with what its localStorage holds. */
function loadPage(origin: string, stored: Record<string, string> = {}): Record<string, string> {
  const storage = {
    getItem: (key: string) => stored[key] ?? null,
    setItem: (key: string, text: string) => void (stored[key] = text),
  };
  const globals = globalThis as unknown as Record<string, unknown>;
  const before = [globals['location'], Object.getOwnPropertyDescriptor(globals, 'localStorage')] as const;
  globals['location'] = { origin };
  Object.defineProperty(globals, 'localStorage', { value: storage, configurable: true });
  for (const { script, planted } of loads) script(planted);
  globals['location'] = before[0];
  Object.defineProperty(globals, 'localStorage', before[1] ?? { value: undefined, configurable: true });
  return stored;
}

describe('signInAs', () => {
  it('takes Playwright’s own page', () => {
    expectTypeOf<Page>().toExtend<PageLike>();
  });

  it('gets a session from the real server and plants it where the app looks first', async () => {
    const options = {
      app: 'https://app.example.com/start',
      api: base,
      credentials: { username: 'ada', password: 'x' },
    };
    expect(await signInAs(page, options)).toEqual(user);
    expect(received).toEqual([
      { url: '/auth/sign-in', type: 'application/json', body: '{"username":"ada","password":"x"}' },
    ]);
    const record = parseRecordText(loadPage('https://app.example.com')['latchkey.default'] ?? null);
    expect(record).toMatchObject({ epoch: 1, endpoint: `${base}/auth/refresh`, ended: null });
    expect(record?.session).toMatchObject({ accessToken: 'access-1', refreshToken: 'refresh-1', user, tier: 'K' });
    const lifetime = (record?.session?.accessExpiresAt ?? 0) - (record?.session?.refreshedAt ?? 0);
    expect(lifetime).toBe(900_000);
  });

  it('plants nothing in frames of other origins, nor over what the app has written since', async () => {
    await signInAs(page, { app: base, api: '/api', credentials: {}, name: 'mine' });
    expect(loadPage('https://evil.com')).toEqual({});
    expect(loadPage(base, { 'latchkey.mine': 'later' })).toEqual({ 'latchkey.mine': 'later' });
    expect(Object.keys(loadPage(base))).toEqual(['latchkey.mine']);
  });

  it('takes any backend', async () => {
    answer.body = '{"access":"access-1","refresh":"refresh-1"}';
    const backend = simpleJwt({ signInPath: '/token/' });
    expect(await signInAs(page, { app: base, api: '/api', backend, credentials: { username: 'ada' } })).toBeUndefined();
    expect(received[0]?.url).toBe('/token/');
    const record = parseRecordText(loadPage(base)['latchkey.default'] ?? null);
    expect(record?.session?.id).toMatch(/.{16}/);
  });

  it('says when the server does not take the credentials, and when it cannot be asked', async () => {
    const call = () => signInAs(page, { app: base, api: base, credentials: {} });
    answer = { status: 401, body: '{"error":"invalid_credentials","error_description":"No."}' };
    await expect(call()).rejects.toMatchObject({ code: 'ERR_REJECTED', status: 401, error: 'invalid_credentials' });
    answer = { status: 503, body: 'down' };
    await expect(call()).rejects.toMatchObject({ kind: 'transient', code: 'ERR_SERVER' });
    expect(loads).toEqual([]);
  });
});
