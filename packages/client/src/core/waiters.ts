import type { Milliseconds } from '@latchkey/protocol';
import { freshness } from './refresh-schedule.js';
import {
  type Effect,
  type Failure,
  type MachineSettings,
  type SessionState,
  type Waiter,
  cannotRefresh,
  ownerOf,
} from './session-state.js';

const tooSlow: Failure = {
  code: 'ERR_TIMEOUT',
  message: 'No valid access token within the time that a request waits. The session is kept; try again.',
  retryAfterSeconds: undefined,
};

/** Lets go of everyone whose wait is over, and says how. */
export function settleWaiters(
  state: SessionState,
  settings: MachineSettings,
  now: Milliseconds,
): { waiters: readonly Waiter[]; effects: Effect[] } {
  const owner = ownerOf(state.record);
  const effects: Effect[] = [];
  const waiters = state.waiters.flatMap((waiter) => {
    const bound = state.known && waiter.owner === undefined ? { ...waiter, owner } : waiter;
    const effect = verdictFor(bound, { state, settings, now, owner });
    if (effect) effects.push(effect);
    return effect ? [] : [bound];
  });
  return { waiters, effects };
}

interface View {
  readonly state: SessionState;
  readonly settings: MachineSettings;
  readonly now: Milliseconds;
  readonly owner: string | undefined;
}

function verdictFor(waiter: Waiter, { state, settings, now, owner }: View): Effect | undefined {
  const { id, deadline } = waiter;
  const late = now >= deadline;
  if (!state.known) return late ? fail(id, tooSlow) : undefined;
  if (owner === undefined) return waiter.owner === undefined ? give(id) : fail(id, 'signed-out');
  if (waiter.owner !== owner) return fail(id, 'session-changed');
  const alone = cannotRefresh(state);
  if (waiter.kind === 'refresh') return late || alone ? fail(id, state.failure ?? tooSlow) : undefined;
  const token = tokenFor(state, { settings, now, waiter });
  if (token !== undefined) return give(id, token);
  const hopeless = !state.flight && (state.failure?.code === 'ERR_NETWORK' || alone);
  return late || hopeless ? fail(id, state.failure ?? tooSlow) : undefined;
}

/**
 * The access token if it may be used now, for this waiter or at once. Near its end it is held back while a refresh can
 * be expected to bring a better one; once that has failed, or was made and brought no more, it is what there is.
 */
export function tokenFor(
  state: SessionState,
  { settings, now, waiter }: { settings: MachineSettings; now: Milliseconds; waiter?: Waiter },
): string | undefined {
  const session = state.known ? state.record?.session : undefined;
  if (!session) return undefined;
  const { accessToken, refreshedAt } = session;
  const limits = { margin: settings.margin, ...(waiter && { needed: waiter.needed }) };
  const worth = freshness(session, now, limits);
  if (worth === 'expired' || worth === 'early') return undefined;
  if (state.doubt?.cause === 'refused' && state.doubt.accessToken === accessToken) return undefined;
  if (worth === 'fresh' || worth === 'ageing') return accessToken;
  if (waiter === undefined) return undefined;
  const isRenewed = refreshedAt >= waiter.since && refreshedAt <= now;
  const best = isRenewed || state.failures > 0 || cannotRefresh(state) || now >= waiter.deadline;
  return best ? accessToken : undefined;
}

/** Ends the wait of those who asked for a refresh, when one is over. */
export function settleRefreshWaiters(
  waiters: readonly Waiter[],
  failure: Failure | undefined,
): { waiters: readonly Waiter[]; effects: Effect[] } {
  const done = waiters.filter((waiter) => waiter.kind === 'refresh');
  return {
    waiters: waiters.filter((waiter) => waiter.kind !== 'refresh'),
    effects: done.map(({ id }) => (failure ? fail(id, failure) : give(id))),
  };
}

const give = (waiter: number, accessToken?: string): Effect => ({ type: 'give', waiter, accessToken });

const fail = (waiter: number, failure: Failure | 'signed-out' | 'session-changed'): Effect => ({
  type: 'fail',
  waiter,
  failure,
});
