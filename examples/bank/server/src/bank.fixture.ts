import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { type Bank, type BankOptions, startBank } from './start-bank.js';

/** A bank, and where it keeps its data. */
export interface TestBank extends Bank {
  readonly dataFolder: string;
}

/** Starts a bank for one test, with an empty page; closed by itself when the test ends. */
export async function startTestBank(options: Partial<BankOptions> = {}): Promise<TestBank> {
  const folder = mkdtempSync(join(tmpdir(), 'larkfield-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Bank</title>');
  const dataFolder = options.dataFolder ?? join(folder, 'data');
  const bank = await startBank({
    pageFolder: folder,
    // Cheap on purpose: these tests are not about hashing.
    passwordHashing: { memoryKib: 64, passes: 1, parallelism: 1, atMost: 4, waiting: 16 },
    ...options,
    dataFolder,
  });
  onTestFinished(async () => {
    await bank.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return Object.assign(bank, { dataFolder });
}

/** Somebody who is signed in, as far as the API can tell. */
export interface Caller {
  /** The session's refresh token. */
  readonly refresh: string;
  get(path: string): Promise<Response>;
  /** Sends a call such as `POST /api/transfers`; an object goes as JSON. */
  send(call: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
}

const json = { 'content-type': 'application/json' };

/** Signs in. */
export async function signIn(bank: Bank, { username, password }: Bank['user'] = bank.user): Promise<Caller> {
  const answer = await fetch(`${bank.url}/auth/sign-in`, {
    ...{ method: 'POST', headers: json, body: JSON.stringify({ username, password }) },
  });
  return callerOf(bank, answer);
}

/** Signs up. */
export async function signUp(bank: Bank, username: string, displayName: string): Promise<Caller> {
  const body = JSON.stringify({ username, password: 'seven-green-lanterns', profile: { displayName } });
  return callerOf(bank, await fetch(`${bank.url}/auth/sign-up`, { method: 'POST', headers: json, body }));
}

/** Gives the demo's customer another password, as her profile page does. */
export async function changePassword(bank: Bank, next: string): Promise<void> {
  const caller = await signIn(bank);
  const { refresh } = caller;
  const answer = await caller.send('POST /auth/password', { current: bank.user.password, next, refresh });
  if (!answer.ok) throw new Error(`The password is as it was: ${await answer.text()}`);
}

async function callerOf({ url }: Bank, answer: Response): Promise<Caller> {
  if (!answer.ok) throw new Error(`Nobody is signed in: ${await answer.text()}`);
  const { access, refresh } = (await answer.json()) as { access: string; refresh: string };
  const authorization = `Bearer ${access}`;
  return {
    refresh,
    get: (path) => fetch(url + path, { headers: { authorization } }),
    send: (call, body, headers = json) => {
      const [method = '', path = ''] = call.split(' ');
      const asItIs = body instanceof Uint8Array || typeof body === 'string';
      return fetch(url + path, {
        ...{ method, headers: { ...headers, authorization } },
        body: asItIs ? new Blob([new Uint8Array(Buffer.from(body))]) : JSON.stringify(body),
      });
    },
  };
}
