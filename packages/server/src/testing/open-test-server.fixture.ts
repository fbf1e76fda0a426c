import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SessionBody } from '@latchkey/protocol';
import { onTestFinished } from 'vitest';
import type { AuthServer } from '../create-auth-server.js';
import type { AuthEvent } from '../events.js';
import { createAuthServer } from '../index.js';
import { generateKeys, loadKeys } from '../keys.js';
import { listen } from '../node.js';
import type { AuthServerOptions } from '../options.js';
import type { Store } from '../ports.js';
import { openSqliteStore } from '../stores/sqlite.js';
import { type FixedClock, fixedClock } from './fixed-clock.js';

/** An answer, read. */
export interface Reply {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; empty where it is none. */
  readonly body: SessionBody & Readonly<Record<string, unknown>>;
}

/** A real server on a real socket with a real database, and what a test wants to see of it. */
export interface TestServer {
  readonly url: string;
  readonly port: number;
  readonly store: Store;
  readonly clock: FixedClock;
  readonly auth: AuthServer;
  readonly events: AuthEvent[];
  /** Log lines as JSON text. */
  readonly log: string[];
  /** Sends JSON by POST below the prefix; `key` is the Idempotency-Key. */
  post(path: string, body: unknown, options?: { key?: string; headers?: Record<string, string> }): Promise<Reply>;
  send(path: string, init?: RequestInit): Promise<Reply>;
  /** Signs a new person up. */
  signUp(username?: string): Promise<SessionBody>;
  close(): Promise<void>;
}

/** The password of everybody whom `signUp` makes. */
export const testPassword = 'a passphrase for tests';

/** Hashing that costs next to nothing: most tests are not about it. */
const cheapHashing = { memoryKib: 64, passes: 1, parallelism: 1, atMost: 4, waiting: 10_000 };

/** Options of a test server; a store of one's own is neither migrated nor closed. */
export type TestServerOptions = Partial<AuthServerOptions>;

/** Starts a server as `openTestServer` does, and closes it when the test that asked for it has finished. */
export async function serve(options?: TestServerOptions): Promise<TestServer> {
  const server = await openTestServer(options);
  onTestFinished(() => server.close());
  return server;
}

/** Starts a server on loopback. The issuer is `https://auth.test`. */
async function openTestServer(options: TestServerOptions = {}): Promise<TestServer> {
  const folder = await mkdtemp(join(tmpdir(), 'latchkey-server-'));
  const store = options.store ?? openSqliteStore({ path: join(folder, 'test.db') });
  if (!options.store) await store.migrate();
  const clock = fixedClock();
  const events: AuthEvent[] = [];
  const log: string[] = [];
  const write = (fields: object, message: string) => void log.push(JSON.stringify({ ...fields, message }));
  const auth = createAuthServer({
    keys: await loadKeys(await generateKeys()),
    issuer: 'https://auth.test',
    clock,
    passwordHashing: cheapHashing,
    logger: { info: write, warn: write, error: write },
    onEvent: (event) => void events.push(event),
    ...options,
    store,
  });
  const listening = await listen(auth, { port: 0 });
  const close = async () => {
    await listening.close();
    if (!options.store) await store.close();
    await rm(folder, { recursive: true });
  };
  return { ...callsOf(listening.url), port: listening.port, store, clock, auth, events, log, close };
}

function callsOf(url: string): Pick<TestServer, 'url' | 'post' | 'send' | 'signUp'> {
  const send: TestServer['send'] = async (path, init) => {
    const response = await fetch(url + path, init);
    const text = await response.text();
    return { status: response.status, headers: response.headers, text, body: readBody(text) };
  };
  const post: TestServer['post'] = (path, body, { key, headers } = {}) =>
    send(`/auth${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...(key && { 'Idempotency-Key': key }), ...headers },
      body: JSON.stringify(body),
    });
  return {
    url,
    send,
    post,
    async signUp(username = 'ada') {
      const { status, body } = await post('/sign-up', { username, password: testPassword });
      if (status !== 201) throw new Error(`Sign-up answered ${String(status)} ${String(body['error'])}.`);
      return body;
    },
  };
}

function readBody(text: string): Reply['body'] {
  try {
    return JSON.parse(text) as Reply['body'];
  } catch {
    return {} as Reply['body'];
  }
}

/** An idempotency key that a test can name. */
export const keyOf = (name: string): string => name.padEnd(43, '_');
