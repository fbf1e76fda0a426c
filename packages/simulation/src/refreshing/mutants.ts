import type { RecordChange, SessionRecord } from '@latchkey/client/core';
import { epochSeconds } from '@latchkey/protocol';
import type { RefreshOutcome, RefreshRequest, SessionRow } from '@latchkey/server';
import { type Rules, realRules } from './rules.js';

const { decide, applyChange, transition } = realRules;

/** Rules with one of them changed. */
const changed = (change: Partial<Rules>): Rules => ({ ...realRules, ...change });

/** Rules whose server decides otherwise in one respect. */
const decidingBy = (
  twist: (outcome: RefreshOutcome, row: SessionRow, request: RefreshRequest) => RefreshOutcome,
): Rules =>
  changed({
    decide: (row, request, now) => {
      const outcome = decide(row, request, now);
      return row ? twist(outcome, row, request) : outcome;
    },
  });

/** What `decide` would do if the presented token were the current one. */
function rotateFrom(row: SessionRow, request: RefreshRequest): RefreshOutcome {
  const asCurrent = { ...row, tokenHash: request.tokenHash, keyId: request.keyId };
  const outcome = decide(asCurrent, request, row.createdAt);
  return outcome.kind === 'rotate'
    ? { kind: 'rotate', next: { ...outcome.next, generation: Math.max(row.generation, request.generation) + 1 } }
    : outcome;
}

/** Rules whose storage changes the record otherwise in one respect. */
const writingBy = (twist: (record: SessionRecord | undefined, change: RecordChange) => RecordChange): Rules =>
  changed({ applyChange: (record, change) => applyChange(record, twist(record, change)) });

/** A change that takes whatever stands there for what it expects. */
function unconditional(record: SessionRecord | undefined, change: RecordChange): RecordChange {
  const session = record?.session;
  if (!session || (change.kind !== 'tokens' && change.kind !== 'refused')) return change;
  const { id: sessionId, refreshToken, generation } = session;
  return { ...change, expected: { epoch: record.epoch, sessionId, refreshToken, generation } };
}

/** Strict single use: whoever presents a token twice is taken for a thief. */
export const strictRotation = decidingBy((outcome) =>
  outcome.kind === 'repeat' || outcome.kind === 'stale' ? { kind: 'reused' } : outcome,
);

/** The server remembers no superseded token. */
export const noChain = changed({
  decide: (row, request, now) => decide(row && { ...row, chain: '' }, request, now),
});

/** A token of a generation that the database has lost is taken. */
export const acceptAbove = decidingBy((outcome, row, request) =>
  outcome.kind === 'behind' ? rotateFrom(row, request) : outcome,
);

/** A token too old for the chain is taken for a thief's. */
export const revokeOnOld = decidingBy((outcome) => (outcome.kind === 'old' ? { kind: 'reused' } : outcome));

/** The idempotency key is made from session id and generation: a thief computes it too. */
export const guessableKey = changed({ thiefKey: 'o' });

/** Each tab draws idempotency keys of its own. */
export const keyOfEachTab = changed({ keyOf: (tab) => 'pqrs'[tab] ?? 'p' });

/** A newer generation is written whatever session it is of. */
export const generationWithoutEpoch = writingBy((record, change) =>
  change.kind === 'tokens' && (change.tokens.generation ?? 0) > (record?.session?.generation ?? Infinity)
    ? unconditional(record, change)
    : change,
);

/** The copy in localStorage is written after the transaction. */
export const copyOutside = changed({ copyInTransaction: false });

/** A sign-out ends whatever session is there. */
export const tombstoneWithoutSession = writingBy((record, change) =>
  change.kind === 'signed-out' ? { ...change, sessionId: record?.session?.id ?? '' } : change,
);

/** A sign-out by a token that has been rotated meanwhile is not heard. */
export const signOutByCurrentToken = changed({ signOutBy: 'current token' });

/** A revoked session is refreshed like any other. */
export const deafToRevocation = changed({
  decide: (row, request, now) => decide(row && { ...row, revokedAt: null }, request, now),
});

/** Each rotation puts the end of the session off. */
export const endlessSession = decidingBy((outcome) =>
  outcome.kind === 'rotate'
    ? { kind: 'rotate', next: { ...outcome.next, absoluteExpiresAt: epochSeconds(outcome.next.absoluteExpiresAt + 1) } }
    : outcome,
);

/** For a while the previous token is taken, too. */
export const graceWindow = decidingBy((outcome, row, request) =>
  outcome.kind === 'reused' && request.generation === row.generation - 1 ? rotateFrom(row, request) : outcome,
);

/** A late duplicate is answered with tokens. */
export const tokensForStale = decidingBy((outcome) =>
  outcome.kind === 'stale' ? { kind: 'repeat', successor: outcome.successor } : outcome,
);

/** Which server secret a token was made with is not looked at. */
export const blindToKeyIds = changed({
  decide: (row, request, now) => decide(row, row ? { ...request, keyId: row.keyId } : request, now),
});

/** The last answer is written, whatever was written since the request. */
export const lastWriterWins = writingBy((record, change) =>
  change.kind === 'tokens' && record?.session?.id === change.expected.sessionId
    ? unconditional(record, change)
    : change,
);

/** A refusal ends whatever session is there. */
export const refusalEndsAnything = writingBy((record, change) =>
  change.kind === 'refused' ? unconditional(record, change) : change,
);

/** A sign-out that the server did not hear of is not told again. */
export const forgetsSignOuts = changed({
  applyChange: (record, change) => {
    const { record: next, won } = applyChange(record, change);
    return { record: next && { ...next, unrevoked: [] }, won };
  },
});

/** A 409 ends the session. */
export const conflictEnds = changed({
  transition: (state, input, context) => {
    const isConflict = input.type === 'answered' && input.verdict.kind === 'superseded';
    const refused = { kind: 'refused', error: 'invalid_grant', message: '', status: 401 } as const;
    return transition(state, isConflict ? { ...input, verdict: refused } : input, context);
  },
});

/** The client keeps no superseded tokens. */
export const keepsNoTokens = changed({
  applyChange: (record, change) => {
    const { record: next, won } = applyChange(record, change);
    const session = next?.session && { ...next.session, superseded: [] };
    return { record: next && { ...next, session: session ?? null }, won };
  },
});

/** A random idempotency key is not written down before it is used. */
export const unwrittenIntents = changed({ writesIntents: false });

/** `final` changes nothing: a thief whose owner is long asleep is never found. */
export const deafToFinal = changed({
  decide: (row, request, now) => decide(row, { ...request, final: false }, now),
});

/** The client never says `final`. */
export const neverFinal = changed({
  transition: (state, input, context) => {
    const step = transition(state, input, context);
    return {
      ...step,
      effects: step.effects.map((effect) => (effect.type === 'send' ? { ...effect, final: false } : effect)),
    };
  },
});

/** The time of a session is not looked at. */
export const deafToExpiry = changed({
  decide: (row, request, now) => decide(row && { ...row, idleExpiresAt: row.absoluteExpiresAt }, request, now),
});

/** A successor is named a generation too low. */
export const misnamedGeneration = decidingBy((outcome) =>
  outcome.kind === 'stale'
    ? { ...outcome, successor: { ...outcome.successor, generation: outcome.successor.generation - 1 } }
    : outcome,
);

/** A late duplicate is told the next step up without a proof of its key. */
export const staleWithoutProof = decidingBy((outcome, row, request) =>
  outcome.kind === 'reused' && request.generation < row.generation - 1
    ? { kind: 'stale', generation: row.generation, successor: { generation: request.generation + 1, keyId: row.keyId } }
    : outcome,
);
