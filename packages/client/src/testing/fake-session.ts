import { type AccessTokenClaims, type User, SignedOutError, isObject, milliseconds } from '@latchkey/protocol';
import type { SignedOutReason } from '../core/session-record.js';
import type { SessionEvent } from '../core/timeline.js';
import { browserClock } from '../browser/clock.js';
import type { Fetch } from '../fetch.js';
import { type Lending, lending } from '../lending.js';
import type { Credentials } from '../ports.js';
import type { RequestGate } from '../request-gate.js';
import type { Session, Snapshot } from '../session.js';

/** How a fake session begins. */
export interface FakeSessionOptions<Profile> {
  /** Who is signed in; nobody if left out. */
  readonly user?: User<Profile>;
  /** What the access token would say. */
  readonly claims?: AccessTokenClaims;
  /** What `session.fetch` and `upload` do; default the global `fetch`. No token is added: there is none. */
  readonly fetch?: Fetch;
  /** Called with `user` when `signOut` ends the session. */
  readonly onSignedOut?: (reason: SignedOutReason) => void;
}

/** A session without server, storage or timers. */
export interface FakeSession<Profile = unknown> extends Session<Profile>, Lending {
  /** Shows the app another state, such as `{ online: false }`. */
  show(change: Partial<Snapshot<Profile>>): void;
}

/**
 * Makes a session in memory for an app's unit tests. `signIn` and `signUp` succeed with whatever credentials they get:
 * as the user of the options if the name is theirs, else as a user of that name and `profile`.
 * Methods that need a session throw SignedOutError ERR_SIGNED_OUT without one, as the real ones do.
 */
export function fakeSession<Profile = unknown>(options: FakeSessionOptions<Profile> = {}): FakeSession<Profile> {
  const send: Fetch = options.fetch ?? ((input, init) => fetch(input, init));
  const { become, ...face } = fakeState(options);
  const signIn = (credentials: Credentials): Promise<Snapshot<Profile>> => {
    const known = options.user?.username === credentials['username'] ? options.user : undefined;
    return Promise.resolve(become(known ?? userOf<Profile>(credentials)));
  };
  const signedIn = <T>(answer: (user: User<Profile>) => T): Promise<T> => {
    const { user } = face.snapshot();
    if (user) return Promise.resolve(answer(user));
    return Promise.reject(new SignedOutError('ERR_SIGNED_OUT', 'Nobody is signed in to this fake session.'));
  };
  const end = (reason: SignedOutReason): Promise<void> => {
    const { user } = face.snapshot();
    become(undefined);
    if (user) options.onSignedOut?.(reason);
    return Promise.resolve();
  };
  return {
    start: () => () => undefined,
    ...face,
    signIn,
    signUp: signIn,
    signOut: () => end('user'),
    accessToken: () => signedIn(({ id }) => `fake-access-token-of-${id}`),
    refresh: () => signedIn(face.snapshot),
    updateUser: (patch) =>
      signedIn((user) => {
        const changed = isObject(patch['profile']) ? patch['profile'] : {};
        const next = { ...user, profile: { ...user.profile, ...changed } };
        face.show({ user: next });
        return next;
      }),
    changePassword: () => signedIn(() => undefined),
    fetch: send,
    objectUrl: (input) => signedIn(() => `blob:fake/${String(input)}`),
    [lending]: {
      gate,
      fetchBy: (other) => (options.fetch ? send : other),
      clock: browserClock,
      activity: undefined,
      endInactive: () => end('inactive'),
    },
  };
}

/** There is no token: whatever the app sends goes without. */
const gate: RequestGate = {
  enter: ({ url }) => ({ url, bearer: undefined }),
  renew: () => Promise.resolve(undefined),
  check: () => undefined,
};

/** Snapshots, their listeners and the timeline. */
function fakeState<Profile>({ user, claims }: FakeSessionOptions<Profile>) {
  const listeners = new Set<(snapshot: Snapshot<Profile>) => void>();
  const events: SessionEvent[] = [];
  const of = (somebody: User<Profile> | undefined): Snapshot<Profile> => ({
    status: somebody ? 'signed-in' : 'signed-out',
    user: somebody,
    claims: somebody && claims,
    expiresAt: somebody && milliseconds(Date.now() + 900_000),
    online: true,
    tier: somebody && 'memory',
  });
  let snapshot = Object.freeze(of(user));
  const show = (change: Partial<Snapshot<Profile>>): Snapshot<Profile> => {
    snapshot = Object.freeze({ ...snapshot, ...change });
    for (const listener of [...listeners]) listener(snapshot);
    return snapshot;
  };
  return {
    snapshot: () => snapshot,
    show: (change: Partial<Snapshot<Profile>>) => void show(change),
    explain: () => [...events],
    subscribe: (listener: (snapshot: Snapshot<Profile>) => void) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    become: (somebody: User<Profile> | undefined) => {
      events.push({ at: milliseconds(Date.now()), type: somebody ? 'signed_in' : 'signed_out' });
      return show(of(somebody));
    },
  };
}

function userOf<Profile>(credentials: Credentials): User<Profile> {
  const { username = 'somebody', profile = {} } = credentials;
  return { id: `id-of-${String(username)}`, username: String(username), profile: profile as Profile };
}
