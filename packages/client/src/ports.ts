import type { EpochSeconds, Milliseconds, User } from '@latchkey/protocol';
import type { RefreshVerdict } from './core/refresh-verdict.js';
import type { ChangeOutcome, RecordChange, SessionRecord, Tier } from './core/session-record.js';
import type { TimelineSlot } from './core/timeline.js';

/** Tells the time and wakes the session. */
export interface Clock {
  /** The wall clock. */
  now(): Milliseconds;
  /** A clock that never steps back; its zero is of no meaning. */
  monotonic(): Milliseconds;
  /** Calls back once, not before `delay` has passed (any length; a browser's own timers end at 2³¹ ms). */
  wake(delay: Milliseconds, callback: () => void): Stop;
}

/** Ends a subscription or a timer; calling it again does nothing. */
export type Stop = () => void;

/** Randomness: for jitter and for ids. */
export interface Random {
  /** A number in [0, 1). */
  fraction(): number;
  /** 16 unguessable bytes as base64url. */
  id(): string;
}

/** Where the session's record lives. One of them decides for all tabs: see `session-protocol`. */
export interface Storage {
  /** Reads the copy for first paint: perhaps old, perhaps edited, never a base for a decision. */
  hint(): SessionRecord | undefined;
  /** Reads the record that decides. Never rejects; what cannot be read is absent. */
  read(): Promise<SessionRecord | undefined>;
  /** Makes a change in one transaction, on what the record is then. Rejects only if nothing can be kept at all. */
  change(change: RecordChange): Promise<ChangeOutcome>;
  /** Calls back when the record may have changed elsewhere: look again. */
  watch(listener: () => void): Stop;
}

/** Makes refreshes of one profile queue up: for load, not for safety. */
export interface Lock {
  /** Waits at most `wait`; the release function, or `undefined` when the wait ran out or there are no locks here. */
  acquire(wait: Milliseconds): Promise<Stop | undefined>;
}

/** Derives what makes the repetition of a refresh recognisable as the owner's. */
export interface KeyStore {
  /** How the keys of a session that begins now can be made here. */
  tier(): Promise<Tier>;
  /** The idempotency key for presenting this refresh token: always the same for the same token. Rejects without one. */
  idempotencyKey(refreshToken: string, tier: Tier): Promise<string>;
}

/** A request of the session itself: to sign in, refresh, load the user. Never the app's. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, or as a form where it is `URLSearchParams`. */
  readonly body?: Readonly<Record<string, unknown>> | URLSearchParams;
  /** May outlive the page. */
  readonly keepalive?: boolean;
}

/** An answer, its body read: `body` is what JSON said, `undefined` if it was not JSON. */
export interface WireAnswer {
  readonly status: number;
  readonly body: unknown;
  header(name: string): string | undefined;
}

/** No answer. */
export interface WireFailure {
  readonly status: 0;
  readonly failure: 'network' | 'timeout';
}

/** Sends the session's own requests. Never rejects. */
export interface Transport {
  send(request: WireRequest): Promise<WireAnswer | WireFailure>;
}

/** What the page is told about its own life. */
export interface Lifecycle {
  /** False when the browser is sure that there is no network. */
  online(): boolean;
  /** `awake`: visible again, restored from the back/forward cache, resumed. */
  subscribe(listener: (event: 'online' | 'offline' | 'awake') => void): Stop;
}

/** When the person last did something, in any tab: what an inactivity limit of the server goes by. */
export interface Activity {
  watch(): Stop;
  /** Whole seconds since then. */
  idleSeconds(): number;
  /** Whole seconds without an act, in any tab, before this page was opened; 0 where nobody knows. */
  idleBeforeOpening(): number;
  /** Counts as an act of the person's. */
  act(): void;
  /** Calls back at each act in this tab with the whole seconds before it. */
  subscribe(listener: (idleSeconds: number) => void): Stop;
}

/** Who else is there: for sessions that are gone when the last tab closes. */
export interface Presence {
  /** Whether no other tab has such a session open and this one is newly opened. */
  alone(): Promise<boolean>;
  /** Counts this tab as open from now on. */
  stay(): void;
}

/** Names and passwords, or whatever the backend takes. */
export type Credentials = Readonly<Record<string, unknown>>;

/** A change of the user: the members of the profile to set; `null` removes one. */
export interface UserPatch<Profile = Record<string, unknown>> {
  readonly profile: { readonly [Name in keyof Profile]?: Profile[Name] | null };
}

/** A session position that a backend's refresh token tells. */
export interface TokenPosition {
  readonly sessionId: string;
  readonly generation: number;
}

/**
 * A token server as the client sees it: it builds requests and reads answers, and sends nothing itself. Write your own
 * for a server that none of ours fits.
 */
export interface Backend {
  /** The token endpoint: a record of another one is neither used nor overwritten. */
  readonly endpoint: string;
  /** Whether the refresh token is repeated safely with an `Idempotency-Key`. */
  readonly idempotent: boolean;
  signIn(credentials: Credentials, replaces: string | undefined): WireRequest;
  signUp?(details: Credentials): WireRequest;
  refresh(presented: {
    refreshToken: string;
    idempotencyKey: string | undefined;
    final: boolean;
    /** Seconds since the person last did something; `undefined` where nobody watches. */
    idleForSeconds?: number | undefined;
  }): WireRequest;
  /** Reads the answer to sign-in, sign-up and password change. */
  readTokens(answer: WireAnswer | WireFailure): RefreshVerdict;
  /** Reads the answer to a refresh: `refused` only if the server will never take this token again. */
  readRefresh(answer: WireAnswer | WireFailure): RefreshVerdict;
  /** Tells the server that the session is over. */
  signOut?(refreshToken: string): WireRequest;
  /** Ends all of the user's sessions; sent with the access token. */
  signOutEverywhere?(): WireRequest;
  changePassword?(change: {
    current: string;
    next: string;
    refreshToken: string;
    idempotencyKey: string | undefined;
  }): WireRequest;
  /** Where a refresh brings no user: asks for it, sent with the access token. */
  loadUser?(): WireRequest;
  updateUser?(patch: UserPatch): WireRequest;
  readUser?(answer: WireAnswer): User | undefined;
  /** What the refresh token itself says of the session, where it does. */
  position?(refreshToken: string): TokenPosition | undefined;
  /** Tells whether a 401 of the API says that the access token is bad; `body` reads it as JSON without consuming it. */
  saysInvalidToken(challenge: string | undefined, body: () => Promise<unknown>): boolean | Promise<boolean>;
}

/** Makes a backend once the API's address is known. */
export type BackendFactory = (place: { readonly apiUrl: string }) => Backend;

/** Tokens of the time before Latchkey. */
export interface LegacyTokens {
  readonly accessToken: string;
  readonly refreshToken: string;
  readonly user: User | undefined;
  /** When the access token says that it was made; `undefined` for opaque ones. */
  readonly issuedAt: EpochSeconds | undefined;
}

/** Everything that a session needs of the world. */
export interface SessionPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly storage: Storage;
  readonly lock: Lock;
  readonly keys: KeyStore;
  readonly transport: Transport;
  readonly lifecycle: Lifecycle;
  readonly presence: Presence;
  readonly activity?: Activity | undefined;
  readonly backend: Backend;
  /** Where the timeline outlives a reload; without it, it ends with the page. */
  readonly history?: TimelineSlot | undefined;
  /** Reads what an app kept before Latchkey; `signed-out`: its version of then has ended what it was kept in step with. */
  readonly legacy?: (() => LegacyTokens | 'signed-out' | undefined) | undefined;
}
