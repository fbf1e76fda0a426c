import { type Milliseconds, milliseconds } from '@latchkey/protocol';
import { answered, continueFlight, endFlight, startFlight } from './refresh-flight.js';
import { adoptWithin, marginBegins, recentSends } from './refresh-schedule.js';
import { type SessionRecord, type StoredSession, expectedOf } from './session-record.js';
import {
  type Context,
  type Effect,
  type Moment,
  type SessionInput,
  type SessionState,
  type Step,
  type Waiter,
  cannotRefresh,
  isSignedIn,
  ownerOf,
} from './session-state.js';
import { settleWaiters } from './waiters.js';

/** How long to wait before telling the server of a sign-out again. */
const revokeInterval = 30_000;

/** The state of a session that has not been started. */
export const initialState: SessionState = {
  record: undefined,
  known: false,
  online: true,
  flight: undefined,
  flights: 0,
  waiters: [],
  wanted: undefined,
  doubt: undefined,
  kept: undefined,
  failures: 0,
  failure: undefined,
  retryAt: milliseconds(0),
  retryAfter: milliseconds(0),
  sends: [],
  revokeAt: milliseconds(0),
  drift: undefined,
};

/**
 * What a session does when something happens. Pure: the same state, input and moment always give the same step. Every
 * input first changes what is known, then the same three questions are asked: is a refresh due, who can stop waiting,
 * when to look again.
 */
export function transition(state: SessionState, input: SessionInput, context: Context): Step {
  const { state: known, effects } = receive(withClock(state, context.moment), input, context);
  return settle({ state: known, effects }, context);
}

function receive(state: SessionState, input: SessionInput, context: Context): Step {
  const { now } = context.moment;
  switch (input.type) {
    case 'started': {
      const load = context.settings.refreshOnLoad ? ({ cause: 'load', at: now } as const) : undefined;
      // A page that starts twice knows the record already.
      const wanted = state.known ? stillWanted(load, state.record?.session, now) : load;
      const started = { ...state, record: state.known ? state.record : input.hint, online: input.online, wanted };
      return { state: started, effects: [{ type: 'read', flight: 0 }] };
    }
    case 'record':
      return onRecord(state, input, context);
    case 'token-wanted':
      return withWaiter(state, waiterFor(state, context, { ...input, kind: 'token' }));
    case 'refresh-wanted': {
      const waiter = waiterFor(state, context, { id: input.id, kind: 'refresh', needed: milliseconds(0) });
      return withWaiter({ ...state, wanted: { cause: 'explicit', at: now } }, waiter);
    }
    case 'waiter-left':
      return { state: { ...state, waiters: state.waiters.filter(({ id }) => id !== input.id) }, effects: [] };
    case 'token-refused':
      return state.record?.session?.accessToken === input.accessToken
        ? { state: { ...state, doubt: { accessToken: input.accessToken, cause: 'refused' } }, effects: [] }
        : { state, effects: [] };
    case 'lock-settled':
      return state.flight?.id === input.flight
        ? { state: { ...state, flight: { ...state.flight, step: 'reading' } }, effects: [read(input.flight)] }
        : { state, effects: [] };
    case 'answered':
      return answered(state, input, context);
    case 'network':
      return onNetwork(state, input.online);
    case 'woke':
      return { state, effects: [] };
  }
}

const read = (flight: number): Effect => ({ type: 'read', flight });

function waiterFor(
  state: SessionState,
  { settings, moment }: Context,
  wish: { id: number; kind: Waiter['kind']; needed: Milliseconds },
): Waiter {
  const patience = wish.kind === 'token' ? settings.tokenWait : settings.lockWait * 2;
  return {
    id: wish.id,
    kind: wish.kind,
    needed: wish.needed,
    since: moment.now,
    deadline: milliseconds(moment.now + patience),
    owner: state.known ? ownerOf(state.record) : undefined,
  };
}

const withWaiter = (state: SessionState, waiter: Waiter): Step => ({
  state: { ...state, waiters: [...state.waiters, waiter] },
  effects: [],
});

/**
 * A wall clock that was set back makes every stored moment doubtful: the token may be older than it seems, and waits
 * would last as much longer.
 */
function withClock(state: SessionState, { now, drift }: Moment): SessionState {
  const sends = recentSends(state.sends, now);
  if (state.drift === undefined || drift > state.drift - 1000) return { ...state, drift, sends };
  const accessToken = state.record?.session?.accessToken;
  const atMost = (at: Milliseconds, later: number) => milliseconds(Math.min(at, now + later));
  return {
    ...state,
    drift,
    sends,
    doubt: state.doubt ?? (accessToken === undefined ? undefined : { accessToken, cause: 'clock' }),
    retryAt: atMost(state.retryAt, 1000),
    retryAfter: atMost(state.retryAfter, state.retryAfter ? 60_000 : 0),
    revokeAt: atMost(state.revokeAt, revokeInterval),
    waiters: state.waiters.map((waiter) => ({ ...waiter, deadline: atMost(waiter.deadline, 5000) })),
  };
}

/** The record is what storage says now; everything that was thought about another one is dropped. */
function onRecord(state: SessionState, input: Extract<SessionInput, { type: 'record' }>, context: Context): Step {
  const { record } = input;
  const { now } = context.moment;
  const own = input.own && input.won;
  const news = record?.session?.accessToken !== state.record?.session?.accessToken;
  const next: SessionState = {
    ...state,
    record,
    known: true,
    // New tokens came over the network, whichever tab fetched them.
    online: state.online || (state.known && news && !!record?.session),
    revokeAt: revokeFrom(state, { record, own }, now),
    wanted: stillWanted(state.wanted, record?.session, now),
    kept: record?.session?.refreshToken === state.kept ? state.kept : undefined,
    ...(news && {
      doubt: undefined,
      failures: 0,
      failure: undefined,
      retryAt: milliseconds(0),
      retryAfter: milliseconds(0),
    }),
  };
  const ended = ownerOf(state.record) !== undefined && !record?.session ? [signedOut(record, own)] : [];
  const { flight } = next;
  if (!flight) return { state: next, effects: ended };
  if (!isSignedIn(record) || flight.owner !== ownerOf(record)) {
    return { state: { ...next, flight: undefined }, effects: [...ended, { type: 'release-lock', flight: flight.id }] };
  }
  if (flight.id !== input.flight) return { state: next, effects: [] };
  if (flight.step === 'committing') {
    return endFlight(next, flight, { note: input.won ? 'refreshed' : 'adopted', loadUser: input.won });
  }
  return flight.step === 'reading' ? continueFlight(next, { flight, record }, context) : { state: next, effects: [] };
}

/** The tab that signs out tells the server at once; the others only if it does not come to that. */
function revokeFrom(
  state: SessionState,
  { record, own }: { record: SessionRecord | undefined; own: boolean },
  now: Milliseconds,
): Milliseconds {
  const more = (record?.unrevoked.length ?? 0) > (state.record?.unrevoked.length ?? 0);
  if (!state.known || !more) return state.revokeAt;
  return milliseconds(own ? now : Math.max(state.revokeAt, now + revokeInterval));
}

function signedOut(record: SessionRecord | undefined, own: boolean): Effect {
  const reason = record?.ended?.reason ?? 'elsewhere';
  return { type: 'signed-out', reason: reason === 'user' && !own ? 'elsewhere' : reason };
}

/** A refresh that was wanted is had once any tab has made one since; a page that opens also takes one just made. */
function stillWanted(
  wanted: SessionState['wanted'],
  session: StoredSession | null | undefined,
  now: Milliseconds,
): SessionState['wanted'] {
  if (!wanted || !session) return undefined;
  const from = wanted.cause === 'load' ? wanted.at - adoptWithin : wanted.at;
  return session.refreshedAt >= from && session.refreshedAt <= now ? undefined : wanted;
}

function onNetwork(state: SessionState, online: boolean): Step {
  const zero = milliseconds(0);
  if (!online) return { state: { ...state, online }, effects: [] };
  // That there was no network says nothing any more: who asks now waits for the next try.
  const failure = state.failure?.code === 'ERR_NETWORK' ? undefined : state.failure;
  return { state: { ...state, online, failure, retryAt: zero, revokeAt: zero }, effects: [read(0)] };
}

/** Asks the questions that are asked after every input. */
function settle({ state, effects }: Step, context: Context): Step {
  const { settings, moment } = context;
  const begun = startFlight(state, context);
  const { waiters, effects: settled } = settleWaiters(begun.state, settings, moment.now);
  const told = revokeDue({ ...begun.state, waiters }, moment.now);
  const ended = endWithToken(told.state, moment.now);
  return {
    state: told.state,
    effects: [
      ...effects,
      ...begun.effects,
      ...settled,
      ...told.effects,
      ...ended,
      { type: 'wake', at: nextLook(told.state, begun.dueAt, context) },
    ],
  };
}

/** Sign-outs that the server has not heard of are told again and again, until it has. */
function revokeDue(state: SessionState, now: Milliseconds): Step {
  const refreshTokens = state.known ? (state.record?.unrevoked ?? []) : [];
  // Whatever the browser or the last refresh said of the network: neither tells when this server is back.
  if (refreshTokens.length === 0 || now < state.revokeAt) return { state, effects: [] };
  const revokeAt = milliseconds(now + revokeInterval);
  return { state: { ...state, revokeAt }, effects: [{ type: 'revoke', refreshTokens }] };
}

/** A session that nothing can refresh (`whenRefused: 'keep'`, or no refresh token ever) ends with its access token. */
function endWithToken(state: SessionState, now: Milliseconds): Effect[] {
  const { record, kept } = state;
  const session = record?.session;
  if (!session || !state.known || !cannotRefresh(state) || now < session.accessExpiresAt) return [];
  const reason = kept === undefined ? 'expired' : 'refused';
  const change = { kind: 'refused', expected: expectedOf(record.epoch, session), reason, revoke: false } as const;
  return [{ type: 'change', flight: 0, change }];
}

/** The next moment at which one of the questions may have another answer. What is past has been asked already. */
function nextLook(
  state: SessionState,
  refreshDue: Milliseconds | undefined,
  { settings, moment }: Context,
): Milliseconds {
  const session = state.known ? state.record?.session : undefined;
  const looks: number[] = [refreshDue ?? Infinity, ...state.waiters.map((waiter) => waiter.deadline)];
  if (session) looks.push(marginBegins(session, settings.margin), session.usableFrom, session.accessExpiresAt);
  if (state.known && state.record?.unrevoked.length) looks.push(state.revokeAt);
  return milliseconds(Math.min(...looks.filter((at) => at > moment.now)));
}
