import type { User } from '@latchkey/protocol';
import type { SignedOutReason } from './core/session-record.js';
import type { Snapshot } from './core/snapshot.js';
import type { SessionEvent } from './core/timeline.js';
import type { BackendFactory, Credentials, Stop, UserPatch } from './ports.js';

export type { Snapshot } from './core/snapshot.js';

/** A `localStorage`-like object. */
export type StorageLike = Pick<globalThis.Storage, 'getItem' | 'setItem' | 'removeItem'>;

/** Options of `createSession`. */
export interface SessionOptions {
  /** The API: an origin, or an origin and a path prefix of whole segments, or several; `/api` is of the page's origin. */
  readonly api: string | readonly string[];
  /** Whom to sign in to; default our own server at the first API's origin + `/auth`. */
  readonly backend?: BackendFactory;
  /** Where the session is kept; default `localStorage`, shared by all tabs. The guide says what the others mean. */
  readonly storage?: 'localStorage' | 'sessionStorage' | 'memory' | StorageLike;
  /** Tells several sessions on one origin apart; default `default`. */
  readonly name?: string;
  /** Refresh token and user when a page opens; default true. */
  readonly refreshOnLoad?: boolean;
  /** How long before expiry to refresh: `atMost` seconds (300), never more than a fraction of the lifetime (0.2). */
  readonly refreshMargin?: { readonly atMost?: number; readonly fractionOfLifetime?: number };
  /** What a definitive refusal does: end the session (default), or let the access token live out its time. */
  readonly whenRefused?: 'sign-out' | 'keep';
  /** Seconds that a request of the session may take (10). */
  readonly requestTimeoutSeconds?: number;
  /** Seconds to wait for another tab's refresh (15). */
  readonly lockWaitSeconds?: number;
  /** What a secret in an API URL does: `refuse` (default) or `warn`. */
  readonly secretsInUrl?: 'refuse' | 'warn';
  /** Parameter names that count as secrets; default `secretParameters`. */
  readonly secretParameters?: readonly string[];
  /** Keys under which an app kept its tokens before Latchkey: adopted once, kept in step for a roll-back. */
  readonly legacyKeys?: LegacyKeys;
  /** Called once a tab when its session ends. */
  readonly onSignedOut?: (reason: SignedOutReason) => void;
  /** Called for each entry of the timeline; nothing in it is secret. */
  readonly onEvent?: (event: SessionEvent) => void;
}

/** Where tokens of the time before Latchkey lie in `localStorage`: a raw token, or JSON with one. */
export interface LegacyKeys {
  readonly access: string;
  readonly refresh: string;
  /** JSON of `{id, username, profile}`. */
  readonly user?: string;
  /** Finds the token in a stored text of your own shape. */
  readonly parse?: (text: string, what: 'access' | 'refresh') => string | undefined;
}

/** One person's session in this browser. */
export interface Session<Profile = unknown> {
  /** Subscribes to the browser, reads the stored session and refreshes it; returns what ends all that. */
  start(): Stop;
  snapshot(): Snapshot<Profile>;
  /** Calls back at each real transition. */
  subscribe(listener: (snapshot: Snapshot<Profile>) => void): Stop;
  /**
   * Signs in and replaces any session.
   * @throws ProtocolError ERR_REJECTED (`error: 'invalid_credentials'`) when the server does not take the credentials
   * @throws TransientError ERR_NETWORK, ERR_TIMEOUT, ERR_SERVER, ERR_THROTTLED
   */
  signIn(credentials: Credentials, options?: { remember?: boolean }): Promise<Snapshot<Profile>>;
  /** Creates an account and signs in. Throws as `signIn` does; `error` is `username_taken`, `invalid_password`, … */
  signUp(details: Credentials, options?: { remember?: boolean }): Promise<Snapshot<Profile>>;
  /** Signs out in every tab at once, and on the server as soon as it can be reached. */
  signOut(options?: { everywhere?: boolean }): Promise<void>;
  /**
   * The access token, refreshed if it has less than `minValidity` seconds left; waits at most 5 s.
   * @throws SignedOutError ERR_SIGNED_OUT without a session; ERR_SESSION_CHANGED when another user signed in meanwhile
   * @throws TransientError when there is no valid token and none can be had now
   */
  accessToken(options?: { minValidity?: number; signal?: AbortSignal }): Promise<string>;
  /** Refreshes now, or joins the refresh that is under way. Throws as `accessToken` does. */
  refresh(): Promise<Snapshot<Profile>>;
  /** Changes the profile on the server and in every tab. @throws ProtocolError ERR_PROFILE_TOO_LARGE over 8 KiB */
  updateUser(patch: UserPatch<Profile>): Promise<User<Profile>>;
  /** Changes the password, keeps this session and ends all others. Throws as `signIn` does. */
  changePassword(change: { current: string; next: string }): Promise<void>;
  /**
   * `fetch` with the session's request rules: the token where it belongs and nowhere else, one refresh and one repeat
   * on a 401 that says that the token is bad. @throws RequestRefusedError
   */
  fetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response>;
  /** Loads a file with authorisation and gives a `blob:` URL for `<img>`; revoked when the session ends. */
  objectUrl(input: string | URL, options?: { signal?: AbortSignal }): Promise<string>;
  /** What happened to this session in this tab, oldest first, without secrets. */
  explain(): readonly SessionEvent[];
}
