import { type Milliseconds, milliseconds } from '@latchkey/protocol';
import { dateTokens } from './issued-tokens.js';
import { backoff, earliestSend, freshness, sendsPerMinute } from './refresh-schedule.js';
import type { TransientVerdict } from './refresh-verdict.js';
import { type Expected, type RecordChange, type StoredSession, expectedOf } from './session-record.js';
import {
  type Cause,
  type Context,
  type Effect,
  type Failure,
  type Flight,
  type Moment,
  type SessionInput,
  type SessionState,
  type SignedInRecord,
  type Step,
  cannotRefresh,
  isSignedIn,
  ownerOf,
} from './session-state.js';
import { settleRefreshWaiters, tokenFor } from './waiters.js';

/** A flight, and the record that it is under way for. */
interface UnderWay {
  readonly flight: Flight;
  readonly record: SignedInRecord;
}

/** Why a refresh brought nothing. */
type Trouble = Pick<TransientVerdict, 'code' | 'message' | 'retryAfter'>;

/** Requests that wait for a token shorten our own back-off to this, so that the app recovers soon after the server. */
const demandInterval = 5000;

/** A chain is 8 long on the server and 8 are kept here; a walk that is longer goes in circles. */
const mostClimbs = 20;

/**
 * Starts a refresh if one is due: takes the lock, reads what the other tabs did, presents the token, commits the answer.
 * `dueAt` says when, if one is due later.
 */
export function startFlight(state: SessionState, context: Context): Step & { dueAt?: Milliseconds } {
  const session = state.known && !state.flight ? state.record?.session : undefined;
  const due = session && !cannotRefresh(state) ? causeOf(state, session, context) : undefined;
  if (!session || !due) return { state, effects: [] };
  const { now } = context.moment;
  const dueAt = allowedAt(state, session, { now, cause: due });
  if (now < dueAt) return { state, effects: [], dueAt };
  const flight: Flight = {
    id: state.flights + 1,
    owner: ownerOf(state.record) ?? '',
    step: 'locking',
    cause: due,
    wanting: session.accessToken,
    base: undefined,
    sentAt: now,
    presented: undefined,
    superseded: undefined,
    climbs: 0,
  };
  return {
    state: { ...state, flight, flights: flight.id },
    effects: [{ type: 'acquire-lock', flight: flight.id, wait: context.settings.lockWait }],
  };
}

function causeOf(state: SessionState, session: StoredSession, { settings, moment }: Context): Cause | undefined {
  const { now } = moment;
  if (state.doubt?.accessToken === session.accessToken) return state.doubt.cause;
  if (state.wanted) return state.wanted.cause;
  const worth = freshness(session, now, settings);
  if (worth === 'early') return undefined;
  const unserved = state.waiters.some((waiter) => tokenFor(state, { settings, now, waiter }) === undefined);
  return worth !== 'fresh' || unserved ? 'margin' : undefined;
}

function allowedAt(
  { sends, retryAt, retryAfter, waiters, failure }: SessionState,
  session: StoredSession,
  { now, cause }: { now: Milliseconds; cause: Cause },
): Milliseconds {
  const earliest = earliestSend(sends, session.refreshedAt, now);
  const last = sends[sends.length - 1] ?? 0;
  const offline = failure?.code === 'ERR_NETWORK';
  const atMost = waiters.length === 0 ? Infinity : offline ? 0 : last + demandInterval;
  const ownBackoff = cause === 'explicit' ? 0 : Math.min(retryAt, atMost);
  return milliseconds(Math.max(earliest, ownBackoff, retryAfter));
}

/** After the record was read under the lock: another tab's refresh is adopted, else the token is presented. */
export function continueFlight(state: SessionState, under: UnderWay, context: Context): Step {
  const { moment } = context;
  const { flight, record } = under;
  const { session } = record;
  // The access token, and not the generation: a walk up from a failover comes by the same generation twice.
  if (session.accessToken !== flight.wanting) return endFlight(state, flight, { note: 'adopted' });
  if (!flight.superseded) return present(state, under, { refreshToken: session.refreshToken, moment });
  if (flight.climbs >= mostClimbs || state.sends.length >= sendsPerMinute)
    return failed(state, flight, { moment, verdict: endlessWalk });
  const { generation, refresh } = flight.superseded;
  const kept = generation < session.generation ? newestUpTo(session, generation) : undefined;
  const refreshToken = refresh ?? (kept === flight.presented ? undefined : kept);
  const judged = flight.presented === (kept ?? session.refreshToken);
  if (refreshToken === undefined && judged && generation <= session.generation)
    return outOfReach(state, under, context);
  const climbing = { record, flight: { ...flight, climbs: flight.climbs + 1 } };
  return present(state, climbing, {
    refreshToken: refreshToken ?? session.refreshToken,
    // Only when it is the stored token itself that was called old: a message on its way may arrive long after.
    final: refreshToken === undefined && judged,
    moment,
  });
}

/**
 * The kept token of a generation, or the newest before it: of a walk up only the last step is kept, and to whoever presents
 * the one before, the server gives what follows it.
 */
const newestUpTo = (session: StoredSession, generation: number): string | undefined =>
  session.superseded.filter((token) => token.generation <= generation).at(-1)?.refreshToken;

/**
 * The server lost more rotations than this profile keeps tokens of: nothing can be presented. It may find them again (a
 * failover and back), so the session goes on as long as its access token does.
 */
function outOfReach(state: SessionState, { flight, record }: UnderWay, { moment }: Context): Step {
  const { session, epoch } = record;
  if (moment.now < session.accessExpiresAt) return failed(state, flight, { moment, verdict: serverForgot });
  // Its row lives, and whoever has an older token might go on with that.
  return endSession(state, flight, { expected: expectedOf(epoch, session), reason: 'refused', revoke: true });
}

const serverForgot: Trouble = {
  code: 'ERR_BAD_ANSWER',
  message: 'The server has lost the last refreshes of this session, more than are kept here.',
  retryAfter: undefined,
};

const endlessWalk: Trouble = {
  code: 'ERR_BAD_ANSWER',
  message: 'The server calls every refresh token of this session stale.',
  retryAfter: undefined,
};

function present(
  state: SessionState,
  { flight, record }: UnderWay,
  { refreshToken, moment, final = false }: { refreshToken: string; moment: Moment; final?: boolean },
): Step {
  const { now } = moment;
  const { epoch, session } = record;
  const base = expectedOf(epoch, session);
  const sending: Flight = { ...flight, step: 'sending', base, presented: refreshToken, sentAt: now };
  return {
    state: { ...state, flight: sending, sends: [...state.sends, now] },
    effects: [
      note('refreshing', flight.cause),
      { type: 'send', flight: flight.id, refreshToken, tier: session.tier, final },
    ],
  };
}

/** Acts on the server's word: the three verdicts, and success. */
export function answered(
  state: SessionState,
  input: Extract<SessionInput, { type: 'answered' }>,
  context: Context,
): Step {
  const { flight, record } = state;
  const { verdict, generation } = input;
  if (flight?.id !== input.flight || !flight.base || !isSignedIn(record)) return { state, effects: [] };
  const { base } = flight;
  const silent = verdict.kind === 'transient' && verdict.status === 0 && verdict.code !== 'ERR_STORAGE';
  const heard = { ...state, online: !silent };
  const overtaken = record.session.accessToken !== flight.wanting;
  switch (verdict.kind) {
    case 'success': {
      const { sessionId } = base;
      const tokens = dateTokens(verdict.tokens, { sentAt: flight.sentAt, sessionId, generation });
      return commit(heard, flight, { kind: 'tokens', expected: base, tokens });
    }
    case 'superseded': {
      const superseded = { generation: verdict.generation, refresh: verdict.refresh };
      return {
        state: { ...heard, flight: { ...flight, step: 'reading', superseded } },
        effects: [note('superseded'), { type: 'read', flight: flight.id }],
      };
    }
    case 'refused':
      if (overtaken) return endFlight(heard, flight, { note: 'adopted' });
      return refused(heard, { flight, record, base }, context);
    case 'transient':
      if (overtaken) return endFlight(heard, flight, { note: 'adopted' });
      return failed(heard, flight, { moment: context.moment, verdict });
  }
}

function commit(state: SessionState, flight: Flight, change: RecordChange): Step {
  return {
    state: { ...state, flight: { ...flight, step: 'committing' } },
    effects: [{ type: 'change', flight: flight.id, change }],
  };
}

function refused(
  state: SessionState,
  { flight, record, base }: UnderWay & { base: Expected },
  { settings, moment }: Context,
): Step {
  const { accessExpiresAt, sessionExpiresAt } = record.session;
  if (settings.whenRefused === 'keep' && moment.now < accessExpiresAt) {
    const kept = { ...state, kept: base.refreshToken };
    return endFlight(kept, flight, { note: 'refused_kept', failure: refusedAndKept });
  }
  const reason = moment.now >= (sessionExpiresAt ?? Infinity) ? 'expired' : 'refused';
  return endSession(state, flight, { expected: base, reason, revoke: false });
}

const endSession = (
  state: SessionState,
  flight: Flight,
  how: { expected: Expected; reason: 'expired' | 'refused'; revoke: boolean },
): Step => commit(state, flight, { kind: 'refused', ...how });

const refusedAndKept: Failure = {
  code: 'ERR_SERVER',
  message: 'The server refuses to refresh this session; its access token is used until it expires.',
  retryAfterSeconds: undefined,
};

function failed(state: SessionState, flight: Flight, { moment, verdict }: { moment: Moment; verdict: Trouble }): Step {
  const { now, fraction } = moment;
  const after = milliseconds((verdict.retryAfter ?? 0) * 1000);
  const failures = state.failures + 1;
  const failure: Failure = {
    code: verdict.code,
    message: verdict.message,
    retryAfterSeconds: verdict.retryAfter,
  };
  const waiting = {
    ...state,
    failures,
    failure,
    retryAt: milliseconds(now + backoff(failures, fraction, after)),
    retryAfter: milliseconds(after > 0 ? now + after : 0),
    // Who asked has heard that it failed; the refresh itself is made up for, with back-off.
    wanted: state.wanted && {
      ...state.wanted,
      cause: state.wanted.cause === 'explicit' ? 'margin' : state.wanted.cause,
    },
  };
  return endFlight(waiting, flight, { note: 'refresh_failed', failure });
}

/** Ends the flight: the lock is free, those who asked for a refresh hear how it went. */
export function endFlight(
  state: SessionState,
  flight: Flight,
  { note: event, failure, loadUser = false }: { note: string; failure?: Failure; loadUser?: boolean },
): Step {
  const { record } = state;
  const { waiters, effects } = settleRefreshWaiters(state.waiters, failure);
  const succeeded = { wanted: undefined, doubt: undefined, failures: 0, failure: undefined, retryAt: milliseconds(0) };
  const user = loadUser && isSignedIn(record) ? [userOf(record)] : [];
  return {
    state: { ...state, flight: undefined, waiters, ...(failure ? { failure } : succeeded) },
    effects: [
      { type: 'release-lock', flight: flight.id },
      note(event, failure?.code ?? flight.cause),
      ...user,
      ...effects,
    ],
  };
}

const userOf = ({ epoch, session }: SignedInRecord): Effect => ({
  type: 'load-user',
  epoch,
  sessionId: session.id,
  accessToken: session.accessToken,
});

const note = (event: string, reason?: string): Effect => ({ type: 'note', event, reason });
