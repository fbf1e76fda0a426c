import type { ErrorCodes, Milliseconds } from '@latchkey/protocol';
import type { RefreshMargin } from './refresh-schedule.js';
import type { RefreshVerdict } from './refresh-verdict.js';
import type { Expected, RecordChange, SessionRecord, SignedOutReason, StoredSession, Tier } from './session-record.js';

/** What the machine must know and never changes. */
export interface MachineSettings {
  readonly margin: RefreshMargin;
  readonly refreshOnLoad: boolean;
  readonly whenRefused: 'sign-out' | 'keep';
  readonly lockWait: Milliseconds;
  /** How long a request waits for a token before an error says so. */
  readonly tokenWait: Milliseconds;
}

/** When something happened: all that the machine knows of the world. */
export interface Moment {
  /** The wall clock. */
  readonly now: Milliseconds;
  /** The wall clock less a clock that never steps back: a fall says that the wall clock was set back. */
  readonly drift: Milliseconds;
  /** A random number in [0, 1), for jitter. */
  readonly fraction: number;
}

/** Why a refresh is made. */
export type Cause = 'load' | 'margin' | 'refused' | 'explicit' | 'clock';

/** The one refresh that a tab has under way. */
export interface Flight {
  readonly id: number;
  readonly owner: string;
  readonly step: 'locking' | 'reading' | 'sending' | 'committing';
  readonly cause: Cause;
  /** The access token that was found wanting; another one in storage means that somebody has refreshed. */
  readonly wanting: string;
  /** What the record held when the token was presented, and must still hold at the commit. */
  readonly base: Expected | undefined;
  readonly sentAt: Milliseconds;
  /** The refresh token presented last: the stored one, or one on the way up to it. */
  readonly presented: string | undefined;
  /** After a 409: what the server said of the chain. */
  readonly superseded: { readonly generation: number; readonly refresh: string | undefined } | undefined;
  /** How often another token than the stored one has been presented. */
  readonly climbs: number;
}

/** Somebody who waits: for a token, or for a refresh to be over. */
export interface Waiter {
  readonly id: number;
  readonly kind: 'token' | 'refresh';
  readonly since: Milliseconds;
  readonly deadline: Milliseconds;
  readonly needed: Milliseconds;
  /** Whose work it is; `undefined` until the stored session is known. */
  readonly owner: string | undefined;
}

/** Why the last refresh brought nothing. */
export interface Failure {
  readonly code: ErrorCodes['transient'];
  readonly message: string;
  readonly retryAfterSeconds: number | undefined;
}

/** Everything that the rules go by. Plain data: a simulator can copy, compare and store it. */
export interface SessionState {
  readonly record: SessionRecord | undefined;
  /** Whether `record` is what decides, not just the copy for first paint. */
  readonly known: boolean;
  readonly online: boolean;
  readonly flight: Flight | undefined;
  readonly flights: number;
  readonly waiters: readonly Waiter[];
  /** A refresh that somebody asked for though the token may be fresh. */
  readonly wanted: { readonly cause: Cause; readonly at: Milliseconds } | undefined;
  /** An access token not to be trusted as far as its expiry says: refused by the API, or dated by another clock. */
  readonly doubt: { readonly accessToken: string; readonly cause: 'refused' | 'clock' } | undefined;
  /** A refresh token that was refused and is kept (`whenRefused: 'keep'`): not presented again. */
  readonly kept: string | undefined;
  readonly failures: number;
  readonly failure: Failure | undefined;
  /** Not before: our own back-off. */
  readonly retryAt: Milliseconds;
  /** Not before: the server's word. */
  readonly retryAfter: Milliseconds;
  readonly sends: readonly Milliseconds[];
  /** When to try again to tell the server of sign-outs. */
  readonly revokeAt: Milliseconds;
  readonly drift: Milliseconds | undefined;
}

/** What can happen to a session. */
export type SessionInput =
  | { readonly type: 'started'; readonly hint: SessionRecord | undefined; readonly online: boolean }
  /** The record was read or changed; `own` if by a change of this tab's, `flight` if by a step of that flight. */
  | {
      readonly type: 'record';
      readonly record: SessionRecord | undefined;
      readonly own: boolean;
      readonly flight: number | undefined;
      readonly won: boolean;
    }
  | { readonly type: 'token-wanted'; readonly id: number; readonly needed: Milliseconds }
  | { readonly type: 'refresh-wanted'; readonly id: number }
  | { readonly type: 'waiter-left'; readonly id: number }
  | { readonly type: 'token-refused'; readonly accessToken: string }
  | { readonly type: 'lock-settled'; readonly flight: number }
  | {
      readonly type: 'answered';
      readonly flight: number;
      readonly verdict: RefreshVerdict;
      readonly generation: number | undefined;
    }
  | { readonly type: 'network'; readonly online: boolean }
  | { readonly type: 'woke' };

/** What is to be done about it. */
export type Effect =
  | { readonly type: 'acquire-lock'; readonly flight: number; readonly wait: Milliseconds }
  | { readonly type: 'release-lock'; readonly flight: number }
  | { readonly type: 'read'; readonly flight: number }
  | {
      readonly type: 'send';
      readonly flight: number;
      readonly refreshToken: string;
      readonly tier: Tier;
      readonly final: boolean;
    }
  | { readonly type: 'change'; readonly change: RecordChange; readonly flight: number }
  | { readonly type: 'load-user'; readonly epoch: number; readonly sessionId: string; readonly accessToken: string }
  | { readonly type: 'wake'; readonly at: Milliseconds }
  | { readonly type: 'give'; readonly waiter: number; readonly accessToken: string | undefined }
  | { readonly type: 'fail'; readonly waiter: number; readonly failure: Failure | 'signed-out' | 'session-changed' }
  | { readonly type: 'signed-out'; readonly reason: SignedOutReason }
  | { readonly type: 'revoke'; readonly refreshTokens: readonly string[] }
  | { readonly type: 'note'; readonly event: string; readonly reason: string | undefined };

/** A record of somebody who is signed in. */
export type SignedInRecord = SessionRecord & { readonly session: StoredSession };

/** Tells whether somebody is signed in. */
export const isSignedIn = (record: SessionRecord | undefined): record is SignedInRecord => !!record?.session;

/** Whose a session is: work for one owner is never done as another. */
export function ownerOf(record: SessionRecord | undefined): string | undefined {
  return isSignedIn(record) ? `${record.epoch}:${record.session.id}` : undefined;
}

/** The rules' own surroundings: what never changes, and when this happens. */
export interface Context {
  readonly settings: MachineSettings;
  readonly moment: Moment;
}

/** A state and what is to be done next. */
export interface Step {
  readonly state: SessionState;
  readonly effects: readonly Effect[];
}

/** Whether the access token is all there is: no refresh token came, or it was refused and the session kept. */
export function cannotRefresh({ record, kept }: SessionState): boolean {
  const refreshToken = record?.session?.refreshToken;
  return refreshToken === '' || (kept !== undefined && kept === refreshToken);
}
