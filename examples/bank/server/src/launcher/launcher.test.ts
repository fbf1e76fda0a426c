import { request } from 'node:http';
import { describe, expect, test } from 'vitest';
import type { Command, LauncherState } from '../../../launcher/src/launcher-types.js';
import { type Caller, changePassword, signIn, startTestBank } from '../bank.fixture.js';
import type { Bank } from '../start-bank.js';

const hour = 3_600_000;

/** Presses a control as the launcher's own page does. */
function press({ launcherUrl: url }: Bank, command: Command, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/command`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json', origin: url, ...headers } },
    body: JSON.stringify(command),
  });
}

const stateOf = async ({ launcherUrl }: Bank): Promise<LauncherState> =>
  (await (await fetch(`${launcherUrl}/state`)).json()) as LauncherState;

/** Refreshes; gives the status, or 0 without an answer. */
const refresh = ({ url }: Bank, { refresh: token }: Caller, key: string): Promise<{ status: number; body: string }> =>
  fetch(`${url}/auth/refresh`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json', 'idempotency-key': key } },
    body: JSON.stringify({ refresh: token }),
  }).then(
    async (answer) => ({ status: answer.status, body: await answer.text() }),
    () => ({ status: 0, body: '' }),
  );

/** The status of an answer, or 0 without one. */
const statusOf = (answer: Promise<Response>): Promise<number> =>
  answer.then(
    ({ status }) => status,
    () => 0,
  );

/** The status of a request with a Host of one's own, which `fetch` does not allow. */
const askAs = (host: string, { launcherUrl }: Bank): Promise<number | undefined> =>
  new Promise((resolve, reject) => {
    const { port } = new URL(launcherUrl);
    const asking = request({ host: '127.0.0.1', port, path: '/state', headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asking.on('error', reject).end();
  });

describe('who may press', () => {
  test('only a page of the launcher’s own address, by POST and with JSON', async () => {
    const bank = await startTestBank();
    const command: Command = { kind: 'network', to: 'cut' };
    expect((await press(bank, command, { origin: bank.url })).status).toBe(403);
    expect((await press(bank, command, { origin: 'null' })).status).toBe(403);
    expect((await press(bank, command, { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await fetch(`${bank.launcherUrl}/command`, { headers: { origin: bank.launcherUrl } })).status).toBe(405);
    expect((await press(bank, { kind: 'network', to: 'gone' } as unknown as Command)).status).toBe(422);
    expect((await stateOf(bank)).network).toBe('fine');
    expect((await press(bank, command)).status).toBe(200);
  });

  test('only under its own name: a name that somebody else points at this machine gets nothing', async () => {
    const bank = await startTestBank();
    const { host, port } = new URL(bank.launcherUrl);
    expect(await askAs(host, bank)).toBe(200);
    expect(await askAs(`launcher.example:${port}`, bank)).toBe(421);
    expect(await askAs(`localhost:${port}`, bank)).toBe(421);
  });

  test('nobody by an address of the bank', async () => {
    const bank = await startTestBank();
    const command = JSON.stringify({ kind: 'network', to: 'cut' });
    const headers = { 'content-type': 'application/json', origin: bank.url };
    const answer = await fetch(`${bank.url}/command`, { method: 'POST', headers, body: command });
    expect(answer.status).toBe(405);
    expect((await stateOf(bank)).network).toBe('fine');
  });
});

describe('the network', () => {
  test('that is cut lets no call through, and the app’s files still come', async () => {
    const bank = await startTestBank();
    const caller = await signIn(bank);
    await press(bank, { kind: 'network', to: 'cut' });
    expect(await statusOf(caller.get('/api/accounts'))).toBe(0);
    expect(await statusOf(fetch(bank.url))).toBe(200);
    await press(bank, { kind: 'network', to: 'fine' });
    expect(await statusOf(caller.get('/api/accounts'))).toBe(200);
  });

  test('that loses the answer to a refresh has it repeated, and the panel says so', async () => {
    const bank = await startTestBank();
    const caller = await signIn(bank);
    await press(bank, { kind: 'lose-refreshes', times: 1 });
    expect((await refresh(bank, caller, 'a-key-of-this-test-0000')).status).toBe(0);
    const again = await refresh(bank, caller, 'a-key-of-this-test-0000');
    expect(again.status).toBe(200);
    const { counts, requests, armed } = await stateOf(bank);
    expect(requests[0]!.fault).toBeUndefined();
    expect(counts).toEqual({ refreshes: 2, lost: 1, retries: 1 });
    expect(armed.loseRefreshes).toBe(0);
    expect(requests.slice(0, 2)).toMatchObject([
      { isRefresh: true, key: 'answered', end: { status: 200 } },
      { isRefresh: true, key: 'new', fault: 'drop-response' },
    ]);
  });

  test('that loses the answer to a transfer has that repeated, too; a password asked for in between is no retry', async () => {
    const bank = await startTestBank({ lifetimes: { accessSeconds: 900 } });
    const order = { from: 'everyday-0000000000', name: 'Lena', iban: 'DE89370400440532013000', amount: 1 };
    const headers = { 'content-type': 'application/json', 'idempotency-key': 'a-key-of-this-test-0006' };
    const send = async (caller: Caller) => {
      const { accounts } = (await (await caller.get('/api/accounts')).json()) as { accounts: { id: string }[] };
      return statusOf(caller.send('POST /api/transfers', { ...order, from: accounts[0]!.id }, headers));
    };
    const caller = await signIn(bank);
    bank.clock.advance(6 * 60_000);
    expect(await send(caller)).toBe(401);
    bank.faults.fail(/^POST \/api\/transfers/, { kind: 'drop-response' }, 1);
    expect(await send(await signIn(bank))).toBe(0);
    expect((await stateOf(bank)).counts).toEqual({ refreshes: 0, lost: 1, retries: 0 });
    expect(await send(caller)).toBe(201);
    const { counts, requests } = await stateOf(bank);
    expect(counts.retries).toBe(1);
    expect(requests[0]).toMatchObject({ path: '/api/transfers', key: 'answered', end: { status: 201 } });
  });

  test('that is cut uses up nothing of what waits for a working one', async () => {
    const bank = await startTestBank();
    const caller = await signIn(bank);
    await press(bank, { kind: 'lose-refreshes', times: 3 });
    await refresh(bank, caller, 'a-key-of-this-test-0001');
    await press(bank, { kind: 'network', to: 'cut' });
    await refresh(bank, caller, 'a-key-of-this-test-0001');
    expect((await stateOf(bank)).armed.loseRefreshes).toBe(2);
    await press(bank, { kind: 'lose-refreshes', times: 0 });
    await press(bank, { kind: 'network', to: 'fine' });
    expect((await refresh(bank, caller, 'a-key-of-this-test-0001')).status).toBe(200);
  });

  test('cuts the next answer in half, and only that', async () => {
    const bank = await startTestBank();
    const caller = await signIn(bank);
    await press(bank, { kind: 'cut-answers', times: 1 });
    const half = caller.get('/api/accounts').then((answer) => answer.text());
    await expect(half).rejects.toThrow();
    expect(await statusOf(caller.get('/api/accounts'))).toBe(200);
  });
});

describe('the server', () => {
  test('answers as it is told to, and itself again afterwards', async () => {
    const bank = await startTestBank();
    const caller = await signIn(bank);
    const moods = { unavailable: 503, throttling: 429, broken: 500, portal: 200 } as const;
    for (const [mood, status] of Object.entries(moods)) {
      await press(bank, { kind: 'server', to: mood as keyof typeof moods });
      const answer = await caller.get('/api/accounts');
      expect(answer.status, mood).toBe(status);
      expect(answer.headers.get('retry-after')).toBe(mood === 'throttling' ? '10' : null);
      expect(answer.headers.get('content-type')).toMatch(mood === 'portal' ? /^text\/html/ : /json/);
    }
    await press(bank, { kind: 'server', to: 'fine' });
    expect(await statusOf(caller.get('/api/accounts'))).toBe(200);
  });

  test('is really stopped, and started again on the same data', async () => {
    const bank = await startTestBank();
    const caller = await signIn(bank);
    await press(bank, { kind: 'server', to: 'stopped' });
    expect(await statusOf(caller.get('/api/accounts'))).toBe(0);
    expect((await press(bank, { kind: 'sign-out-everywhere' })).status).toBe(409);
    await press(bank, { kind: 'server', to: 'fine' });
    expect(await statusOf(caller.get('/api/accounts'))).toBe(200);
    expect((await refresh(bank, caller, 'a-key-of-this-test-0002')).status).toBe(200);
  });
});

describe('the clock', () => {
  test('of token server and API is moved, and put right again', async () => {
    const bank = await startTestBank();
    const caller = await signIn(bank);
    await press(bank, { kind: 'move-clock', by: hour });
    expect((await stateOf(bank)).clock.aheadBy).toBe(hour);
    expect(await statusOf(caller.get('/api/accounts'))).toBe(401);
    await press(bank, { kind: 'move-clock', by: -2 * hour });
    expect(await statusOf(caller.get('/api/accounts'))).toBe(401);
    await press(bank, { kind: 'reset-clock' });
    expect(await statusOf(caller.get('/api/accounts'))).toBe(200);
    expect((await press(bank, { kind: 'move-clock', by: 1e12 })).status).toBe(422);
  });
});

describe('people', () => {
  test('are signed out everywhere from another device, even through a network that is cut', async () => {
    const bank = await startTestBank();
    const caller = await signIn(bank);
    await press(bank, { kind: 'network', to: 'cut' });
    expect((await press(bank, { kind: 'sign-out-everywhere' })).status).toBe(200);
    await press(bank, { kind: 'network', to: 'fine' });
    expect((await refresh(bank, caller, 'a-key-of-this-test-0003')).status).toBe(401);
  });

  test('are signed out everywhere also when the demo’s password is no longer theirs', async () => {
    const bank = await startTestBank();
    await changePassword(bank, 'nine quiet rivers');
    const caller = await signIn(bank, { ...bank.user, password: 'nine quiet rivers' });
    expect((await press(bank, { kind: 'sign-out-everywhere' })).status).toBe(200);
    expect((await refresh(bank, caller, 'a-key-of-this-test-0005')).status).toBe(401);
    expect((await signIn(bank, { ...bank.user, password: 'nine quiet rivers' })).refresh).toBeTruthy();
  });
});

test('nothing secret is in what the launcher tells: no key, no token, no query, no id', async () => {
  const bank = await startTestBank();
  const caller = await signIn(bank);
  await refresh(bank, caller, 'a-key-of-this-test-0004');
  const { accounts } = (await (await caller.get('/api/accounts')).json()) as { accounts: { id: string }[] };
  await caller.get(`/api/accounts/${accounts[0]!.id}/entries?search=private`);
  await caller.get(`/api/statements/${accounts[0]!.id}.csv`);
  const told = JSON.stringify(await stateOf(bank));
  for (const secret of ['a-key-of-this-test', caller.refresh, 'private', bank.user.password, accounts[0]!.id]) {
    expect(told).not.toContain(secret);
  }
  expect(told).toContain('/api/accounts/everyday-…/entries');
  expect(told).toContain('/api/statements/everyday-….csv');
});
