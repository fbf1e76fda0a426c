import type { IssuedTokens, RecordChange, SessionInput } from '@latchkey/client/core';
import { milliseconds } from '@latchkey/protocol';
import * as twist from '../refreshing/mutants.js';
import { type LifeRules, realLifeRules } from './rules.js';

/** A rule that was changed to see that lives show it. */
export interface LifeMutant {
  readonly name: string;
  readonly rules: LifeRules;
}

const { applyChange, decide, transition } = realLifeRules;

const mutant = (name: string, change: Partial<LifeRules>): LifeMutant => ({
  name,
  rules: { ...realLifeRules, ...change },
});

/** The machine, told something else than what happened. */
const hearing = (change: (input: SessionInput) => SessionInput): Pick<LifeRules, 'transition'> => ({
  transition: (state, input, context) => transition(state, change(input), context),
});

const refused = { kind: 'refused', error: 'invalid_grant', message: '', status: 401 } as const;

const signsOutOn503 = hearing((input) =>
  input.type === 'answered' && input.verdict.kind === 'transient' && input.verdict.status === 503
    ? { ...input, verdict: refused }
    : input,
);

const deafTo401 = hearing((input) => (input.type === 'token-refused' ? { ...input, accessToken: '' } : input));

/** What a tab finds under the lock is never news to it. */
const adoptsNothing: Pick<LifeRules, 'transition'> = {
  transition(state, input, context) {
    const found = input.type === 'record' && input.flight === state.flight?.id ? input.record?.session : undefined;
    const flight = state.flight && found ? { ...state.flight, wanting: found.accessToken } : state.flight;
    return transition({ ...state, flight }, input, context);
  },
};

const neverBacksOff: Pick<LifeRules, 'transition'> = {
  transition(state, input, context) {
    const { state: next, effects } = transition(state, input, context);
    const zero = milliseconds(0);
    const woke = transition({ ...next, retryAt: zero, retryAfter: zero }, { type: 'woke' }, context);
    return { state: woke.state, effects: [...effects, ...woke.effects] };
  },
};

/** Whoever waits for a token waits out the back-off, as if the server had asked for it. */
const deafToDemand: Pick<LifeRules, 'transition'> = {
  transition(state, input, context) {
    const retryAfter = milliseconds(Math.max(state.retryAfter, state.retryAt));
    return transition({ ...state, retryAfter }, input, context);
  },
};

/** Expiry is the server's time, as the token says it, compared with the clock of the device. */
const datedByServer: Pick<LifeRules, 'applyChange'> = {
  applyChange: (record, change) => applyChange(record, dated(change)),
};

function dated(change: RecordChange): RecordChange {
  if (change.kind === 'tokens') return { ...change, tokens: byServer(change.tokens) };
  return change.kind === 'signed-in' ? { ...change, tokens: byServer(change.tokens) } : change;
}

const byServer = (tokens: IssuedTokens): IssuedTokens => ({
  ...tokens,
  accessExpiresAt: milliseconds(Number(tokens.accessToken.split('/')[1]) * 1000),
});

/** A refresh does not put the idle expiry off. */
const idleFromSignIn: Pick<LifeRules, 'decide'> = {
  decide(row, request, now) {
    const outcome = decide(row, request, now);
    if (!row || outcome.kind !== 'rotate') return outcome;
    return { kind: 'rotate', next: { ...outcome.next, idleExpiresAt: row.idleExpiresAt } };
  },
};

/** The longest delay of a page's timer; longer ones fire at once. */
const longestTimer = 2 ** 31 - 1;

/** Every mutant: lives must show each. */
export const lifeMutants: readonly LifeMutant[] = [
  mutant('strict rotation', { decide: twist.strictRotation.decide }),
  mutant('no superseded token is remembered', { decide: twist.noChain.decide }),
  mutant('a token too old for the chain is a theft', { decide: twist.revokeOnOld.decide }),
  mutant('the idle limit counts from the sign-in', idleFromSignIn),
  mutant('another idempotency key for each request', { keyOf: (_, request) => `${request}` }),
  mutant('a 503 signs out', signsOutOn503),
  mutant('a 409 signs out', { transition: twist.conflictEnds.transition }),
  mutant('no superseded tokens are kept', { applyChange: twist.keepsNoTokens.applyChange }),
  mutant('a 401 of the API changes nothing', deafTo401),
  mutant('expiry by the server’s time', datedByServer),
  mutant('what another tab has refreshed is not adopted', adoptsNothing),
  mutant('no back-off', neverBacksOff),
  mutant('calls wait out the back-off', deafToDemand),
  mutant('a timer of more than 2³¹ ms fires at once', { delayOf: (delay) => (delay > longestTimer ? 1 : delay) }),
];
