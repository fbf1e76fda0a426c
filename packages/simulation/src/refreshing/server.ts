import { type RefreshVerdict } from '@latchkey/client/core';
import { type EpochSeconds, type Seconds, epochSeconds, seconds } from '@latchkey/protocol';
import {
  type RefreshOutcome,
  type RefreshRequest,
  type SessionRow,
  type SuccessorName,
  chainEntries,
} from '@latchkey/server';
import type { Rules } from './rules.js';
import { type SymbolicToken, hashOf, readToken, successorPath, writeToken } from './symbolic-tokens.js';
import { type Answer, type Database, now } from './world.js';

/** One server of several: which secrets it knows, and which of them makes new tokens. */
export interface Node {
  readonly mintingKeyId: number;
  readonly highestKeyId: number;
}

/** A refresh request as it arrives. */
export interface Presented {
  readonly token: string;
  readonly key: string;
  readonly final: boolean;
}

/** What a server did: what it found, what it wrote, what it answers. */
export interface Served {
  readonly outcome: RefreshOutcome['kind'] | 'lagging';
  readonly database: Database;
  readonly answer: Answer;
  /** Whether what is written into the token that goes out, beside its secret, is true of it. */
  readonly isTrue: boolean;
}

const serverNow = epochSeconds(now / 1000);
const far = 1e9;

/** A session as sign-in makes it. */
export function newRow(session: string, userId: string, keyId: number): SessionRow {
  const ends = (serverNow + far) as EpochSeconds;
  return {
    id: session,
    userId,
    generation: 0,
    tokenHash: hashOf(session, ''),
    keyId,
    chain: '',
    jkt: null,
    createdAt: serverNow,
    refreshedAt: serverNow,
    activeAt: serverNow,
    idleExpiresAt: ends,
    absoluteExpiresAt: ends,
    revokedAt: null,
    revokedReason: null,
    userAgent: '',
    ip: '',
    label: null,
  };
}

/** Decides a refresh by the rules and does what they say, as one step: `rotate` is one statement on every store. */
export function serveRefresh(
  database: Database,
  presented: Presented,
  { rules, node, chain }: { rules: Rules; node: Node; chain: number },
): Served {
  const token = readToken(presented.token);
  if (token.keyId > node.highestKeyId) return { outcome: 'lagging', database, answer: unavailable, isTrue: true };
  const path = successorPath(token, presented.key);
  const row = database[token.session];
  const outcome = rules.decide(row, requestOf(token, { path, final: presented.final, node }), serverNow);
  const serving: Serving = { database, node, outcome: outcome.kind };
  switch (outcome.kind) {
    case 'rotate': {
      const { next } = outcome;
      const answer = granted(writeToken({ ...token, path, keyId: next.keyId }));
      const isTrue = next.generation === path.length && next.keyId === node.mintingKeyId;
      return { outcome: 'rotate', database: { ...database, [token.session]: withChain(next, chain) }, answer, isTrue };
    }
    case 'repeat':
      return withToken(serving, { ...token, path }, { named: outcome.successor, wrap: granted });
    case 'stale': {
      const wrap = (refresh: string): Answer => superseded(outcome.generation, refresh);
      return withToken(serving, { ...token, path }, { named: outcome.successor, wrap });
    }
    case 'twin': {
      const wrap = (refresh: string): Answer => superseded(outcome.generation, refresh);
      return withToken(serving, token, { named: outcome.itself, wrap });
    }
    case 'behind':
    case 'old':
      return answered(serving, superseded(outcome.generation));
    case 'reused':
      return answered({ ...serving, database: revoke(database, token.session, 'refresh_reused') }, refused);
    case 'invalid':
    case 'ended':
      return answered(serving, refused);
  }
}

interface Serving {
  readonly database: Database;
  readonly node: Node;
  readonly outcome: RefreshOutcome['kind'];
}

/** Answers with a token under the key that it is known by; a node that does not know the key cannot write its tag. */
function withToken(
  serving: Serving,
  token: SymbolicToken,
  { named, wrap: wrapped }: { named: SuccessorName; wrap: (refresh: string) => Answer },
): Served {
  const { database, node, outcome } = serving;
  if (named.keyId > node.highestKeyId) return { outcome: 'lagging', database, answer: unavailable, isTrue: true };
  const answer = wrapped(writeToken({ ...token, keyId: named.keyId }));
  return { outcome, database, answer, isTrue: named.generation === token.path.length };
}

function requestOf(
  { session, path: presented, keyId }: SymbolicToken,
  { path, final, node }: { path: string; final: boolean; node: Node },
): RefreshRequest {
  return {
    keyId,
    generation: presented.length,
    tokenHash: hashOf(session, presented),
    successorHash: hashOf(session, path),
    mintingKeyId: node.mintingKeyId,
    final,
    idle: { idleSeconds: far as Seconds, countedFrom: 'refresh' },
    activeAt: serverNow,
  };
}

/** Whether a session has been ended, or its time is over. */
export const hasEnded = ({ revokedAt, idleExpiresAt }: SessionRow): boolean =>
  revokedAt !== null || idleExpiresAt <= serverNow;

/** The time of a session is over. */
export const expire = (row: SessionRow): SessionRow => ({ ...row, idleExpiresAt: serverNow });

/** Whether a grant gave the one refresh token that is current. */
export function isNewest({ database, answer: { verdict } }: Served): boolean {
  if (verdict.kind !== 'success') return false;
  const { session, path } = readToken(verdict.tokens.refreshToken ?? '');
  return database[session]?.tokenHash === hashOf(session, path);
}

/** What a decision is counted as. */
export const nameOf = ({ outcome }: Served, { final }: Presented): string => (final ? `${outcome}, final` : outcome);

/** Ends a session, as a sign-out, a replacement or a reuse does. */
export function revoke(database: Database, session: string, reason: SessionRow['revokedReason']): Database {
  const row = database[session];
  if (row?.revokedAt !== null) return database;
  return { ...database, [session]: { ...row, revokedAt: serverNow, revokedReason: reason } };
}

/** Forgets what is beyond the scope's chain: the same as a smaller capacity, for `decide` goes by what is there. */
function withChain(row: SessionRow, capacity: number): SessionRow {
  const { length } = chainEntries(row.chain);
  const kept = row.chain.slice(length <= capacity ? 0 : (row.chain.length / length) * (length - capacity));
  return { ...row, chain: kept };
}

const answered = ({ outcome, database }: Serving, answer: Answer): Served => ({
  outcome,
  database,
  answer,
  isTrue: true,
});

const wrap = (verdict: RefreshVerdict, generation?: number): Answer => ({ verdict, generation });

/** The access token is named after the refresh token beside it: each answer has one of its own once it is told anew. */
export function granted(refreshToken: string, user?: string): Answer {
  const tokens = {
    accessToken: `access ${refreshToken}`,
    refreshToken,
    tokenType: 'Bearer',
    expiresIn: seconds(far),
    refreshExpiresIn: undefined,
    user: user === undefined ? undefined : { id: user, username: user, profile: undefined },
  } as const;
  return wrap({ kind: 'success', tokens }, readToken(refreshToken).path.length);
}

const superseded = (generation: number, refresh?: string): Answer => wrap({ kind: 'superseded', generation, refresh });

const refused = wrap({ kind: 'refused', error: 'invalid_grant', message: '', status: 401 });

/** No verdict: 503, or a wait that ran out. */
export const unavailable: Answer = wrap({
  kind: 'transient',
  code: 'ERR_SERVER',
  message: '',
  status: 503,
  retryAfter: undefined,
});
