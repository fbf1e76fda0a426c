import { type AuthServer, createAuthServer, generateKeys, loadKeys } from '@latchkey/server';
import { memoryStore } from '@latchkey/server/testing';
import { parseStrictObject } from '@latchkey/protocol';
import { beforeAll, expect } from 'vitest';
import { latchkey } from '../backends/latchkey.js';
import { createRequestRules } from '../core/request-rules.js';
import { createSessionFrom } from '../create-session.js';
import type { LegacyTokens, Lock, SessionPorts, Transport, WireAnswer, WireRequest } from '../ports.js';
import type { Session, SessionOptions } from '../session.js';
import { memoryLock } from './memory-lock.js';
import { memoryStorage } from './memory-storage.js';
import { simulatedClock } from './simulated-clock.js';

export const api = 'https://auth.test';
export const minute = 60_000;
export const person = { username: 'ada', password: 'a passphrase for tests' };
let keys: Awaited<ReturnType<typeof loadKeys>>;
beforeAll(async () => {
  keys = await loadKeys(await generateKeys());
});

const realSleep = globalThis.setTimeout;
/** Turns of the event loop until something holds: the server's hashing runs on threads of its own. */
export async function until<T>(look: () => T | undefined | false): Promise<T> {
  for (let turn = 0; turn < 2000; turn += 1) {
    const seen = look();
    if (seen) return seen;
    await new Promise((resolve) => void realSleep(resolve, 1));
  }
  throw new Error('It never happened.');
}

/** What is done with a request on its way: the server's answer, or what the network makes of it. */
type Way = (request: WireRequest, pass: () => Promise<WireAnswer>) => ReturnType<Transport['send']>;
export const noNetwork = { status: 0, failure: 'network' } as const;

/** A profile with any number of tabs, in front of a real server on the same simulated clock. */
export function openWorld(given: { locks?: boolean } = {}) {
  const clock = simulatedClock();
  const server: AuthServer = createAuthServer({
    store: memoryStore(),
    keys,
    issuer: api,
    clock,
    passwordHashing: { memoryKib: 64, passes: 1, parallelism: 1, atMost: 4 },
    logger: { info: () => undefined, warn: () => undefined, error: () => undefined },
  });
  const storage = memoryStorage();
  const queue = memoryLock(clock);
  const noLock: Lock = { acquire: () => Promise.resolve(undefined) };
  const sent: WireRequest[] = [];
  const onTheWay = new Set<unknown>();
  const world = {
    clock,
    storage,
    server,
    sent,
    onTheWay,
    way: ((_, pass) => pass()) as Way,
    /** What the app's version of before Latchkey keeps under its own keys. */
    legacy: undefined as LegacyTokens | 'signed-out' | undefined,
    refreshes: () => sent.filter(({ url }) => url.endsWith('/refresh')).length,
    /** What others may answer themselves; everything else goes to the server. */
    async pass({ method, url, headers, body }: WireRequest): Promise<WireAnswer> {
      const response = await server.fetch(
        new Request(url, {
          method,
          headers: { 'Content-Type': 'application/json', ...headers },
          ...(body && { body: JSON.stringify(body) }),
        }),
      );
      const text = await response.text();
      return {
        status: response.status,
        body: parseStrictObject(text),
        header: (name) => response.headers.get(name) ?? undefined,
      };
    },
    tab: (options: Partial<SessionOptions> = {}) => openTab(world, given.locks === false ? noLock : queue, options),
  };
  return world;
}

export type World = ReturnType<typeof openWorld>;

function portsOf(world: World, lock: Lock): SessionPorts {
  let ids = 0;
  return {
    clock: world.clock,
    random: { fraction: () => 0.5, id: () => `id-${++ids}` },
    storage: world.storage.tab(),
    lock,
    keys: {
      tier: () => Promise.resolve('K'),
      idempotencyKey: (refreshToken) => Promise.resolve(`profile-${refreshToken.slice(-32).replace('.', '_')}`),
    },
    transport: {
      send(request) {
        world.sent.push(request);
        const answer = world.way(request, () => world.pass(request));
        world.onTheWay.add(answer);
        return answer.finally(() => world.onTheWay.delete(answer));
      },
    },
    lifecycle: { online: () => true, subscribe: () => () => undefined },
    presence: { alone: () => Promise.resolve(false), stay: () => undefined },
    backend: latchkey()({ apiUrl: api }),
    legacy: () => world.legacy,
  };
}

const parseUrl = (text: string, base?: string): URL | undefined =>
  URL.canParse(text, base) ? new URL(text, base) : undefined;

export interface Tab {
  readonly session: Session;
  readonly signedOut: string[];
  readonly views: (string | undefined)[];
  /** `blob:` URLs taken back. */
  readonly revoked: string[];
}

function openTab(world: World, lock: Lock, options: Partial<SessionOptions>): Tab {
  const signedOut: string[] = [];
  const views: (string | undefined)[] = [];
  const rules = createRequestRules({
    apis: [api],
    pageUrl: () => 'https://app.test/',
    parseUrl,
    secretsInUrl: undefined,
    secretParameters: undefined,
  });
  const all: SessionOptions = { api, onSignedOut: (reason) => void signedOut.push(reason), ...options };
  const revoked: string[] = [];
  const urls = { createObjectURL: () => 'blob:1', revokeObjectURL: (url: string) => void revoked.push(url) };
  const session = createSessionFrom(all, {
    ports: () => portsOf(world, lock),
    rules,
    fetch: () => Promise.resolve(new Response('ok')),
    urls,
  });
  session.subscribe(({ status }) => views.push(status));
  return { session, signedOut, views, revoked };
}

/** Opens tabs and signs a person up in the first. */
export async function signedIn(world: World, count: number, options?: Partial<SessionOptions>): Promise<Tab[]> {
  const tabs = Array.from({ length: count }, () => world.tab(options));
  for (const { session } of tabs) session.start();
  await tabs[0]?.session.signUp(person);
  await settled(world);
  expect(tabs.map(({ session }) => session.snapshot().status)).toEqual(tabs.map(() => 'signed-in'));
  return tabs;
}

/** Lets everything on its way arrive, without time passing; what a test holds back is not waited for. */
export async function settled(world: World): Promise<void> {
  for (let turn = 0; turn < 4 || (world.onTheWay.size > 0 && turn < 50); turn += 1) await world.clock.advance(0);
}

/** Time passes in steps small enough for answers to arrive when they are sent. */
export async function pass(world: World, duration: number): Promise<void> {
  for (let passed = 0; passed < duration; passed += minute) {
    await world.clock.advance(Math.min(minute, duration - passed));
    await settled(world);
  }
}

/** A refresh, a second or more after the last. */
export async function refreshed(world: World, { session }: Tab): Promise<void> {
  await world.clock.advance(2000);
  await session.refresh();
}

export const tokens = (tabs: Tab[]): Promise<Set<string>> =>
  Promise.all(tabs.map(({ session }) => session.accessToken())).then((all) => new Set(all));
