import { type AuthServer, type Store, createAuthServer, generateKeys, loadKeys } from '@latchkey/server';
import { memoryStore } from '@latchkey/server/testing';
import { milliseconds, parseStrictObject } from '@latchkey/protocol';
import { beforeAll, expect } from 'vitest';
import { latchkey } from '../backends/latchkey.js';
import { personActivity } from '../browser/activity.js';
import { createRequestRules } from '../core/request-rules.js';
import { createSessionFrom } from '../create-session.js';
import type {
  Activity,
  LegacyTokens,
  Lifecycle,
  Lock,
  Random,
  SessionPorts,
  Transport,
  WireAnswer,
  WireRequest,
} from '../ports.js';
import type { Session, SessionOptions } from '../session.js';
import { memoryLock } from './memory-lock.js';
import { type SimulatedClock, simulatedClock } from './simulated-clock.js';
import type { DatabaseOfTab } from './simulated-database.fixture.js';
import { type StorageOfTab, simulatedProfile } from './simulated-profile.fixture.js';
import { TabDoor, turn } from './tab-door.fixture.js';

export const api = 'https://auth.test';
export const minute = 60_000;
export const hour = 60 * minute;
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

const quiet = { info: () => undefined, warn: () => undefined, error: () => undefined };

/** A profile with any number of tabs, in front of a real server whose clock is always right. */
export function openWorld(given: { locks?: boolean; store?: Store } = {}) {
  const clock = patientClock(() => world.working > 0);
  const start = clock.now();
  const open = (store: Store): AuthServer =>
    createAuthServer({
      store,
      keys,
      issuer: api,
      clock: { now: () => milliseconds(start + clock.monotonic() + world.slept) },
      passwordHashing: { memoryKib: 64, passes: 1, parallelism: 1, atMost: 4 },
      logger: quiet,
    });
  let ids = 0;
  const random: Random = { fraction: () => 0.5, id: () => String((ids += 1)).padStart(22, '0') };
  const storage = simulatedProfile(random);
  const queue = memoryLock(clock);
  const noLock: Lock = { acquire: () => Promise.resolve(undefined) };
  const world = {
    clock,
    random,
    storage,
    server: open(given.store ?? memoryStore()),
    sent: [] as WireRequest[],
    /** How long the device has slept while its monotonic clock stood still; the server's went on. */
    slept: 0,
    /** Work that takes real time, on threads: the server's and WebCrypto's. */
    working: 0,
    way: ((_, pass) => pass()) as Way,
    /** Answers the app's own requests. */
    api: (() => new Response('ok')) as (request: Request) => Response | Promise<Response>,
    /** What the app's version of before Latchkey keeps under its own keys. */
    legacy: undefined as LegacyTokens | 'signed-out' | undefined,
    refreshes: () => world.sent.filter(({ url }) => url.endsWith('/refresh')).length,
    /** Starts the server again, over this store. */
    restart: (store: Store) => void (world.server = open(store)),
    /** What others may answer themselves; everything else goes to the server. */
    pass: ({ method, url, headers, body }: WireRequest): Promise<WireAnswer> => {
      const sent = { method, headers: { 'Content-Type': 'application/json', ...headers } };
      const request = new Request(url, { ...sent, ...(body && { body: JSON.stringify(body) }) });
      return real(world, world.server.fetch(request).then(wireAnswer));
    },
    tab: (options: Partial<SessionOptions> = {}, how: TabOptions = {}) =>
      openTab(world, { lock: given.locks === false ? noLock : queue, options, how }),
  };
  return world;
}

export type World = ReturnType<typeof openWorld>;

/** How one tab differs from others. */
interface TabOptions {
  /** False where the browser has no IndexedDB. */
  readonly hasDatabase?: boolean;
}

/** A clock that goes from timer to timer, and only when all that takes real time is done. */
function patientClock(isBusy: () => boolean): SimulatedClock {
  const clock = simulatedClock();
  const due = new Set<{ readonly at: number }>();
  const rest = async (): Promise<void> => {
    for (let turns = 0; turns < 3 || isBusy(); turns += 1) await turn();
  };
  return {
    ...clock,
    wake(delay, callback) {
      const timer = { at: clock.monotonic() + Math.max(0, delay) };
      due.add(timer);
      const stop = clock.wake(delay, () => {
        due.delete(timer);
        callback();
      });
      return () => {
        due.delete(timer);
        stop();
      };
    },
    async advance(duration) {
      const end = clock.monotonic() + duration;
      for (;;) {
        await rest();
        const next = Math.min(...[...due].map(({ at }) => at));
        await clock.advance(Math.min(next, end) - clock.monotonic());
        if (next > end) return rest();
      }
    },
  };
}

async function real<T>(world: { working: number }, work: Promise<T>): Promise<T> {
  world.working += 1;
  try {
    return await work;
  } finally {
    world.working -= 1;
  }
}

/** A response as the session's transport gives it on. */
export async function wireAnswer(response: Response): Promise<WireAnswer> {
  const text = await response.text();
  return {
    status: response.status,
    body: parseStrictObject(text),
    header: (name) => response.headers.get(name) ?? undefined,
  };
}

const parseUrl = (text: string, base?: string): URL | undefined =>
  URL.canParse(text, base) ? new URL(text, base) : undefined;

export interface Tab {
  readonly session: Session;
  readonly signedOut: string[];
  readonly views: string[];
  /** Who was shown, at each change. */
  readonly people: (string | undefined)[];
  /** `blob:` URLs taken back. */
  readonly revoked: string[];
  readonly door: TabDoor;
  readonly database: DatabaseOfTab;
  /** The browser tells the tab of its own life. */
  hear(event: 'online' | 'offline' | 'awake'): void;
  /** Somebody presses a key. */
  act(): void;
}

interface Opening {
  readonly lock: Lock;
  readonly options: Partial<SessionOptions>;
  readonly how: TabOptions;
}

function openTab(world: World, { lock, options, how }: Opening): Tab {
  const browser = browserOf();
  const { door, page } = browser;
  const seen = { signedOut: [] as string[], views: [] as string[], people: [] as (string | undefined)[] };
  const revoked: string[] = [];
  const opened: DatabaseOfTab[] = [];
  const session = createSessionFrom(
    { api, onSignedOut: (reason) => void seen.signedOut.push(reason), ...options },
    {
      ports(note) {
        const stored = world.storage.tab(door, { note, ...how });
        opened.push(stored.database);
        return portsOf(world, { ...browser, ...stored, lock });
      },
      rules: createRequestRules({ apis: [api], pageUrl: () => 'https://app.test/', parseUrl }),
      fetch: async (input, init) => world.api(new Request(input, init)),
      urls: { createObjectURL: () => 'blob:1', revokeObjectURL: (url: string) => void revoked.push(url) },
    },
  );
  session.subscribe(({ status, user }) => {
    seen.views.push(status);
    seen.people.push(user?.username);
  });
  const act = (): void => door.enter(() => void page.dispatchEvent(new Event('keydown')));
  const [database] = opened;
  if (!database) throw new Error('A session asks for its ports when it is made.');
  return { session, ...seen, revoked, door, database, hear: browser.hear, act };
}

/** What a browser tells a tab. */
function browserOf() {
  const door = new TabDoor();
  const heard = new Set<Parameters<Lifecycle['subscribe']>[0]>();
  const hear: Tab['hear'] = (event) => door.enter(() => heard.forEach((listener) => listener(event)));
  const lifecycle: Lifecycle = {
    online: () => true,
    subscribe(listener) {
      heard.add(listener);
      return () => void heard.delete(listener);
    },
  };
  return { door, page: new EventTarget(), hear, lifecycle };
}

interface Parts extends StorageOfTab {
  readonly door: TabDoor;
  readonly page: EventTarget;
  readonly lifecycle: Lifecycle;
  readonly lock: Lock;
}

function portsOf(world: World, { door, lock, lifecycle, page, storage, keys, acts }: Parts): SessionPorts {
  const { clock, random } = world;
  return {
    clock: { ...clock, wake: (delay, callback) => clock.wake(delay, () => door.enter(callback)) },
    random,
    storage,
    lock: { acquire: (wait) => door.through(lock.acquire(wait)) },
    keys: {
      tier: () => real(world, keys.tier()),
      idempotencyKey: (token, tier) => door.through(real(world, keys.idempotencyKey(token, tier))),
    },
    transport: {
      send(request) {
        world.sent.push(request);
        return door.through(world.way(request, () => world.pass(request)));
      },
    },
    lifecycle,
    presence: { alone: () => Promise.resolve(false), stay: () => undefined },
    activity: activityOn(page, personActivity(acts, clock)),
    backend: latchkey()({ apiUrl: api }),
    legacy: () => world.legacy,
  };
}

/** Our own watcher, listening to a page that is the window only while it asks for it. */
function activityOn(page: EventTarget, activity: Activity): Activity {
  const within = (call: () => void): void => {
    Object.assign(globalThis, { window: page });
    call();
    Reflect.deleteProperty(globalThis, 'window');
  };
  return {
    ...activity,
    watch() {
      let stop = (): void => undefined;
      within(() => (stop = activity.watch()));
      return () => within(stop);
    },
  };
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
export const settled = (world: World): Promise<void> => world.clock.advance(0);

/** Time passes. */
export const pass = (world: World, duration: number): Promise<void> => world.clock.advance(duration);

/** Lets time pass until something has happened, a minute at most. */
export async function inTime<T>(world: World, event: Promise<T>): Promise<T> {
  const ends: string[] = [];
  event.then(
    () => ends.push('well'),
    () => ends.push('badly'),
  );
  for (let passed = 0; passed < minute; passed += 5000) {
    await settled(world);
    if (ends.length > 0) return event;
    await world.clock.advance(5000);
  }
  throw new Error('It did not happen within a minute.');
}

/** A refresh, a second or more after the last. */
export async function refreshed(world: World, { session }: Tab): Promise<void> {
  await world.clock.advance(2000);
  await session.refresh();
}

export const tokens = (tabs: Tab[]): Promise<Set<string>> =>
  Promise.all(tabs.map(({ session }) => session.accessToken())).then((all) => new Set(all));
