import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import type {
  Account,
  BalancePoint,
  BankFigures,
  EntriesPage,
  Entry,
  Refusal,
  TransferOrder,
} from '../../src/app/api/bank-types.js';
import { type Caller, changePassword, signIn, signUp, startTestBank } from './bank.fixture.js';
import type { Bank } from './start-bank.js';

const minute = 60_000;

/** The body of an answer, as the app takes it. */
const bodyOf = async <Body>(answer: Response | Promise<Response>): Promise<Body> =>
  (await (await answer).json()) as Body;

const accountsOf = async (caller: Caller) =>
  (await bodyOf<{ accounts: readonly Account[] }>(caller.get('/api/accounts'))).accounts;

const everydayOf = async (caller: Caller) => (await accountsOf(caller))[0]!;

const orderFrom = ({ id }: Account): TransferOrder => ({
  ...{ from: id, name: 'Lena Sommer', iban: 'DE89370400440532013000', amount: 1250, purpose: 'Tickets' },
});

/** Sends an order, unless a key is given under one of its own. */
const transfer = (caller: Caller, order: object, key: string = randomUUID()): Promise<Response> =>
  caller.send('POST /api/transfers', order, { 'content-type': 'application/json', 'idempotency-key': key });

/** Sends a request letter by letter, and gives all that comes back. */
function sendRaw({ url }: Bank, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let heard = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => socket.write(text));
    socket.on('data', (chunk) => (heard += chunk.toString()));
    socket.on('error', reject);
    socket.on('close', () => resolve(heard));
  });
}

describe('who asks', () => {
  test('a stranger gets 401 for every call, whether it exists or not, but for what everybody may know', async () => {
    const { url } = await startTestBank();
    for (const path of ['/api/accounts', '/api/adviser/overview', '/api/nothing', '/api']) {
      const answer = await fetch(url + path);
      expect(answer.status, path).toBe(401);
      expect(answer.headers.get('www-authenticate'), path).toMatch(/^Bearer/);
    }
    expect((await fetch(`${url}/api/rates`)).status).toBe(200);
  });

  test('another person’s account is answered as one that does not exist', async () => {
    const bank = await startTestBank();
    const { id } = await everydayOf(await signIn(bank));
    const other = await signUp(bank, 'noor', 'Noor');
    const answers = await Promise.all(
      [id, 'everyday-0000000000'].flatMap((one) =>
        [`/api/accounts/${one}/entries`, `/api/accounts/${one}/balances`, `/api/statements/${one}.csv`].map(
          async (path) => {
            const answer = await other.get(path);
            return `${answer.status} ${await answer.text()}`;
          },
        ),
      ),
    );
    expect(new Set(answers).size).toBe(1);
    expect(answers[0]).toMatch(/^404 .*no_such_account/);
  });

  test('the bank’s figures are the adviser’s alone', async () => {
    const bank = await startTestBank();
    const refused = await (await signIn(bank)).get('/api/adviser/overview');
    expect(refused.status).toBe(403);
    expect(refused.headers.get('www-authenticate')).toContain('insufficient_scope');
    const figures = await bodyOf<BankFigures>((await signIn(bank, bank.adviser)).get('/api/adviser/overview'));
    expect(figures.customers).toBeGreaterThan(2);
    expect(figures.deposits).toBeGreaterThan(0);
  });

  test('nobody becomes an adviser by a name or a profile of that kind', async () => {
    const bank = await startTestBank();
    const caller = await signUp(bank, 'jonas2', bank.adviser.displayName);
    await caller.send('PATCH /auth/me', { profile: { role: 'adviser' } });
    expect((await caller.get('/api/adviser/overview')).status).toBe(403);
  });
});

describe('statements', () => {
  test('come as the app expects them', async () => {
    const caller = await signIn(await startTestBank());
    const { id, balance } = await everydayOf(caller);
    const page = await bodyOf<EntriesPage>(caller.get(`/api/accounts/${id}/entries?page=1&size=5&search=`));
    expect(page.entries).toHaveLength(5);
    expect(page.entries[0]!.balance).toBe(balance);
    const { points } = await bodyOf<{ points: BalancePoint[] }>(caller.get(`/api/accounts/${id}/balances?days=30`));
    expect(points).toHaveLength(30);
    expect(points.at(-1)!.balance).toBe(balance);
  });

  test('keep to their bounds whatever is asked for', async () => {
    const caller = await signIn(await startTestBank());
    const { id } = await everydayOf(caller);
    const entries = async (query: string) => bodyOf<EntriesPage>(caller.get(`/api/accounts/${id}/entries?${query}`));
    expect((await entries('size=100000')).entries).toHaveLength(100);
    expect((await entries('size=0&page=0')).entries).toHaveLength(1);
    expect((await entries('size=-1&page=abc')).entries).toHaveLength(15);
    const { points } = await bodyOf<{ points: BalancePoint[] }>(caller.get(`/api/accounts/${id}/balances?days=99999`));
    expect(points).toHaveLength(731);
  });

  test('can be taken along as a file whose length is known beforehand', async () => {
    const caller = await signIn(await startTestBank());
    const { id } = await everydayOf(caller);
    const file = await caller.get(`/api/statements/${id}.csv`);
    const bytes = Buffer.from(await file.arrayBuffer());
    expect(file.headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/);
    expect(file.headers.get('content-disposition')).toBe(`attachment; filename="larkfield-${id}.csv"`);
    expect(file.headers.get('content-length')).toBe(String(bytes.length));
    const { total } = await bodyOf<EntriesPage>(caller.get(`/api/accounts/${id}/entries`));
    expect(bytes.toString().split('\r\n')).toHaveLength(total + 2);
  });
});

describe('a transfer', () => {
  test('arrives at another customer’s, under the name that the sender goes by', async () => {
    const bank = await startTestBank();
    const [maria, noor] = [await signIn(bank), await signUp(bank, 'noor', 'Noor')];
    const [from, to] = [await everydayOf(maria), await everydayOf(noor)];
    const answer = await transfer(maria, { ...orderFrom(from), iban: to.iban });
    expect(answer.status).toBe(201);
    expect((await bodyOf<{ entry: Entry }>(answer)).entry.balance).toBe(from.balance - 1250);
    const { entries } = await bodyOf<EntriesPage>(noor.get(`/api/accounts/${to.id}/entries?size=1`));
    expect(entries[0]).toMatchObject({ counterparty: 'Maria Keller', text: 'Tickets', amount: 1250 });
  });

  test('wants a sign-in of the last five minutes, which a refresh is not', async () => {
    const bank = await startTestBank({ lifetimes: { accessSeconds: 900 } });
    const caller = await signIn(bank);
    const order = orderFrom(await everydayOf(caller));
    bank.clock.advance(4 * minute);
    expect((await transfer(caller, order)).status).toBe(201);
    bank.clock.advance(2 * minute);
    const refused = await transfer(caller, order);
    expect(refused.status).toBe(401);
    expect(refused.headers.get('www-authenticate')).toMatch(/insufficient_user_authentication.*max_age="300"/);
    expect((await bodyOf<Refusal>(refused)).error).toBe('insufficient_user_authentication');
    const again = await signIn(bank);
    expect((await transfer(again, order)).status).toBe(201);
  });

  test('that cannot be made is refused before the password is asked for, at its field, in words for people', async () => {
    const bank = await startTestBank({ lifetimes: { accessSeconds: 900 } });
    const caller = await signIn(bank);
    const from = await everydayOf(caller);
    bank.clock.advance(10 * minute);
    const refusals: [Partial<TransferOrder>, string][] = [
      [{ amount: from.balance + 1 }, 'amount'],
      [{ amount: 5_000_001 }, 'amount'],
      [{ iban: 'DE00370400440532013000' }, 'iban'],
      [{ iban: from.iban }, 'iban'],
      [{ name: ' ' }, 'name'],
      [{ from: 'everyday-0000000000' }, 'from'],
    ];
    for (const [change, field] of refusals) {
      const answer = await transfer(caller, { ...orderFrom(from), ...change });
      expect(answer.status, field).toBe(422);
      const body = await bodyOf<Refusal>(answer);
      expect(body.field).toBe(field);
      expect(body.error_description).toMatch(/^[A-Z].*\.$/);
    }
    expect((await everydayOf(caller)).balance).toBe(from.balance);
  });

  test('whose answer was lost is asked for again under its key: the same answer, and one booking', async () => {
    const bank = await startTestBank({ lifetimes: { accessSeconds: 900 } });
    const caller = await signIn(bank);
    const from = await everydayOf(caller);
    const [order, key] = [orderFrom(from), 'a-key-made-once-for-a-form'];
    bank.faults.fail(/^POST \/api\/transfers/, { kind: 'drop-response' }, 1);
    await expect(transfer(caller, order, key)).rejects.toThrow();
    bank.clock.advance(6 * minute);
    const answers = await Promise.all([1, 2, 3].map(() => transfer(caller, order, key)));
    expect(answers.map(({ status }) => status)).toEqual([201, 201, 201]);
    const [first, ...others] = await Promise.all(answers.map((answer) => bodyOf<{ entry: Entry }>(answer)));
    expect(others).toEqual([first, first]);
    expect((await everydayOf(caller)).balance).toBe(from.balance - 1250);
    const changed = await transfer(caller, { ...order, amount: 1 }, key);
    expect(changed.status).toBe(422);
    const refusal = await bodyOf<Refusal>(changed);
    expect(refusal).not.toHaveProperty('field');
    expect(refusal.error_description).toMatch(/^Another transfer was sent.*statement/);
  });

  test.each([undefined, '', 'short', 'x'.repeat(129), 'a key with spaces in it'])(
    'without a good key (%j) is not made',
    async (key) => {
      const caller = await signIn(await startTestBank());
      const from = await everydayOf(caller);
      const headers = { 'content-type': 'application/json', ...(key !== undefined && { 'idempotency-key': key }) };
      const answer = await caller.send('POST /api/transfers', orderFrom(from), headers);
      expect(answer.status).toBe(400);
      expect((await bodyOf<Refusal>(answer)).error).toBe('idempotency_key_needed');
      expect((await everydayOf(caller)).balance).toBe(from.balance);
    },
  );

  test('is JSON of 16 KiB at most, by POST', async () => {
    const bank = await startTestBank();
    const caller = await signIn(bank);
    const post = async (body: string, headers?: Record<string, string>) =>
      (await caller.send('POST /api/transfers', body, headers)).status;
    expect(await post('{}', { 'content-type': 'text/plain' })).toBe(415);
    expect(await post('{')).toBe(400);
    expect(await post(JSON.stringify({ purpose: 'x'.repeat(17_000) }))).toBe(413);
    expect(await post('x'.repeat(5_000_000))).toBe(413);
    const get = await caller.get('/api/transfers');
    expect([get.status, get.headers.get('allow')]).toEqual([405, 'POST']);
    expect((await caller.get('/api/transfer')).status).toBe(404);
  });
});

describe('a picture', () => {
  const png = { 'content-type': 'image/png' };

  test('goes through the proxy as it is, both ways', async () => {
    const caller = await signIn(await startTestBank());
    const bytes = Buffer.alloc(12_000_000, 'picture');
    expect((await caller.get('/api/me/picture')).status).toBe(404);
    expect((await caller.send('PUT /api/me/picture', bytes, png)).status).toBe(204);
    const picture = await caller.get('/api/me/picture');
    expect(picture.headers.get('content-length')).toBe(String(bytes.length));
    expect(Buffer.from(await picture.arrayBuffer()).equals(bytes)).toBe(true);
    expect((await caller.send('DELETE /api/me/picture', '')).status).toBe(204);
    expect((await caller.get('/api/me/picture')).status).toBe(404);
  });

  test('that is too large is refused with an answer, not with a dead connection', async () => {
    const caller = await signIn(await startTestBank());
    const answer = await caller.send('PUT /api/me/picture', Buffer.alloc(34_000_000), png);
    expect(answer.status).toBe(413);
    expect(await bodyOf<Refusal>(answer)).toMatchObject({ error: 'too_large' });
  });

  test('whose upload is given up leaves the one before', async () => {
    const bank = await startTestBank();
    const caller = await signIn(bank);
    await caller.send('PUT /api/me/picture', Buffer.from('the first'), png);
    const giveUp = new AbortController();
    const body = new ReadableStream<Uint8Array>({
      async pull(stream) {
        stream.enqueue(new Uint8Array(100_000));
        // In this very process proxy and API get their turn only so.
        await setImmediate();
        if (bank.faults.count(/^PUT/) > 1) giveUp.abort();
      },
    });
    const { headers } = new Request(bank.url, { headers: png });
    headers.set('authorization', await authorizationOf(bank));
    const init = { method: 'PUT', headers, body, duplex: 'half', signal: giveUp.signal };
    await expect(fetch(`${bank.url}/api/me/picture`, init)).rejects.toThrow();
    await expect.poll(() => bank.faults.passed.at(-1)?.end).toBeDefined();
    expect(await (await caller.get('/api/me/picture')).text()).toBe('the first');
    await expect.poll(() => readdirSync(join(bank.dataFolder, 'pictures'))).toHaveLength(1);
  });

  async function authorizationOf(bank: Bank): Promise<string> {
    const { username, password } = bank.user;
    const answer = await fetch(`${bank.url}/auth/sign-in`, {
      ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({ username, password }),
    });
    return `Bearer ${(await bodyOf<{ access: string }>(answer)).access}`;
  }
});

describe('the bank', () => {
  test('keeps its data, its people and their sessions over a restart', async () => {
    const bank = await startTestBank();
    const caller = await signIn(bank);
    const accounts = await accountsOf(caller);
    await transfer(caller, orderFrom(accounts[0]!), 'a-key-from-before-the-restart');
    await bank.close();
    const again = await startTestBank({ dataFolder: bank.dataFolder, port: Number(new URL(bank.url).port) });
    expect((await transfer(caller, orderFrom(accounts[0]!), 'a-key-from-before-the-restart')).status).toBe(201);
    const [everyday, ...others] = await accountsOf(caller);
    expect(everyday!.balance).toBe(accounts[0]!.balance - 1250);
    expect(others).toEqual(accounts.slice(1));
    expect((await signIn(again)).refresh).toBeTruthy();
  });

  test('says which port is taken, and leaves none of its own open', async () => {
    const bank = await startTestBank();
    const port = Number(new URL(bank.url).port);
    await expect(startTestBank({ port })).rejects.toMatchObject({ code: 'EADDRINUSE', port });
    const launcherPort = Number(new URL(bank.launcherUrl).port);
    await expect(startTestBank({ launcherPort })).rejects.toMatchObject({ code: 'EADDRINUSE', port: launcherPort });
  });

  test('serves the app under every route, with a policy that lets no text become code', async () => {
    const bank = await startTestBank();
    const { url, user } = bank;
    for (const path of ['/', '/accounts/everyday-1', '/authors', '/apiary']) {
      const answer = await fetch(url + path);
      expect(answer.status, path).toBe(200);
      expect(await answer.text(), path).toContain('<title>Bank</title>');
      const policy = answer.headers.get('content-security-policy');
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("require-trusted-types-for 'script'; trusted-types 'none'");
    }
    const demo = await fetch(`${url}/demo-account.json`);
    expect(await demo.json()).toEqual({ username: user.username, password: user.password });
    await changePassword(bank, 'nine quiet rivers');
    const changed = await fetch(`${url}/demo-account.json`);
    expect(await changed.json()).toEqual({ username: user.username });
    expect((await fetch(`${url}/nothing.js`)).status).toBe(404);
  });

  test('survives what is no request of a browser', async () => {
    const bank = await startTestBank();
    expect(await sendRaw(bank, 'GET http://[ HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1.1 404/,
    );
    expect(await sendRaw(bank, 'GET /api/%zz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n')).toMatch(
      /^HTTP\/1.1 401/,
    );
    expect((await fetch(bank.url)).status).toBe(200);
  });
});
