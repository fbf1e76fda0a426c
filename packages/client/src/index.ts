import { ConfigError } from '@latchkey/protocol';
import { latchkey } from './backends/latchkey.js';
import { personActivity } from './browser/activity.js';
import { broadcastHints } from './browser/broadcast-channel.js';
import { browserClock } from './browser/clock.js';
import { hasIndexedDb, openDatabase } from './browser/database.js';
import { fetchTransport } from './browser/fetch-transport.js';
import { IndexedStorage } from './browser/indexed-db.js';
import { intentKeys, keyStore } from './browser/key-store.js';
import { legacyStorage } from './browser/legacy-keys.js';
import { browserLifecycle, noLifecycle } from './browser/lifecycle.js';
import { parseUrl } from './browser/parse-url.js';
import { tabPresence } from './browser/presence.js';
import { browserRandom } from './browser/random.js';
import { webLock } from './browser/web-lock.js';
import { type Note, findStorage, memoryStorage, storageSlot, webStorage } from './browser/web-storage.js';
import { type RequestRules, createRequestRules, isLoopback } from './core/request-rules.js';
import { createSessionFrom } from './create-session.js';
import type { Backend, Storage } from './ports.js';
import type { SessionPorts } from './ports.js';
import type { Session, SessionOptions } from './session.js';

export {
  type AccessTokenClaims,
  type AnySessionError,
  type User,
  ConfigError,
  ProtocolError,
  RequestRefusedError,
  SessionError,
  SignedOutError,
  TransientError,
  isSessionError,
  secretParameters,
} from '@latchkey/protocol';
export { type LatchkeyOptions, latchkey } from './backends/latchkey.js';
export type { RefreshVerdict } from './core/refresh-verdict.js';
export type { SignedOutReason, Tier } from './core/session-record.js';
export type { SessionEvent } from './core/timeline.js';
export type {
  Backend,
  BackendFactory,
  Credentials,
  Stop,
  UserPatch,
  WireAnswer,
  WireFailure,
  WireRequest,
} from './ports.js';
export type { LegacyKeys, Session, SessionOptions, Snapshot, StorageLike } from './session.js';

/**
 * Creates the session of one person in this browser. Does no I/O: `start()` does.
 * @throws ConfigError ERR_CONFIG when an option cannot work; the message names it and the fix
 * @example
 * const session = createSession({ api: 'https://api.example.com' });
 * session.start();
 * await session.signIn({ username, password });
 * const response = await session.fetch('https://api.example.com/orders');
 */
export function createSession<Profile = unknown>(options: SessionOptions): Session<Profile> {
  const rules = createRequestRules({
    apis: typeof options.api === 'string' ? [options.api] : options.api,
    pageUrl: () => (typeof document === 'undefined' ? undefined : document.baseURI),
    parseUrl,
    secretsInUrl: options.secretsInUrl,
    secretParameters: options.secretParameters,
  });
  const frozen = Object.freeze({ ...options });
  return createSessionFrom<Profile>(frozen, {
    ports: (note) => browserPorts(frozen, backendOf(frozen, rules), note),
    rules,
    fetch: (input, init) => fetch(input, init),
    urls: {
      createObjectURL: (blob) => URL.createObjectURL(blob),
      revokeObjectURL: (url) => URL.revokeObjectURL(url),
    },
  });
}

/** Rendered on a server, `/api` has no origin yet: the address is one that is never called. */
const nowhere = 'https://latchkey.invalid/';

function backendOf(options: SessionOptions, rules: RequestRules): Backend {
  const factory = options.backend ?? latchkey();
  const backend = factory({ apiUrl: rules.apis[0] ?? nowhere });
  const { protocol, hostname } = new URL(backend.endpoint);
  if (protocol !== 'https:' && !isLoopback(hostname)) {
    throw new ConfigError(
      `The token endpoint at ${hostname} is http:, where anyone on the way can read tokens: use https:.`,
    );
  }
  return backend;
}

function browserPorts(options: SessionOptions, backend: Backend, note: Note): SessionPorts {
  const { name = 'default', storage: kind = 'localStorage', requestTimeoutSeconds = 10 } = options;
  if (!/^[\w.-]{1,64}$/.test(name))
    throw new ConfigError('The option name takes up to 64 letters, digits, "." and "-".');
  const [clock, random] = [browserClock, browserRandom];
  const webStore = kind === 'memory' ? undefined : typeof kind === 'string' ? findStorage(kind) : kind;
  const inPage = typeof window !== 'undefined' && webStore !== undefined;
  // One that never opens, where there is none: the other tabs are told of the same changes by the same way.
  const database = kind !== 'memory' && (inPage || hasIndexedDb()) ? openDatabase() : undefined;
  const legacy =
    options.legacyKeys && legacyStorage(options.legacyKeys, `latchkey.${name}.legacy`, findStorage('localStorage'));
  const mirror = legacy && ((session: Parameters<typeof legacy.mirror>[0]) => legacy.mirror(session));
  const { access, refresh } = options.legacyKeys ?? {};
  const copy = { ...storageSlot(webStore, [`latchkey.${name}`, access, refresh], note), mirror };
  const fallback = webStore ? webStorage(copy) : memoryStorage();
  const shared = kind === 'localStorage' && database;
  const storage: Storage = shared
    ? new IndexedStorage({ name, database: shared, copy, hints: broadcastHints(`latchkey.${name}`), note, fallback })
    : fallback;
  return {
    clock,
    random,
    backend,
    storage,
    lock: webLock(`latchkey.${name}.refresh`, { clock, random }),
    keys: keyStore(database, intentKeys(name, webStore, random)),
    presence: tabPresence(name),
    transport: fetchTransport(requestTimeoutSeconds, clock),
    lifecycle: typeof document === 'undefined' ? noLifecycle : browserLifecycle,
    ...(typeof window !== 'undefined' && {
      activity: personActivity(storageSlot(webStore, [`latchkey.${name}.active`], note), clock),
    }),
    ...(kind !== 'memory' && {
      history: storageSlot(findStorage('sessionStorage'), [`latchkey.${name}.timeline`], () => undefined),
    }),
    ...(legacy && { legacy: () => legacy.read() }),
  };
}
