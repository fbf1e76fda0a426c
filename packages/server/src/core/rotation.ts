import type { EpochSeconds, Seconds } from '@latchkey/protocol';
import { appendToChain, chainCapacity, chainEntries, endedBecause, type SessionRow } from './session-row.js';

/** How a refresh moves the idle expiry. */
export interface IdleRule {
  readonly idleSeconds: Seconds;
  /** `refresh`: any refresh counts. `activity`: only what the person did counts (an inactivity limit). */
  readonly countedFrom: 'refresh' | 'activity';
}

/** A refresh whose token has a good tag, reduced to what the rules need. */
export interface RefreshRequest {
  /** Key id of the presented token R. */
  readonly keyId: number;
  /** Generation of the presented token R. */
  readonly generation: number;
  /** h: SHA-256 of R's secret. */
  readonly tokenHash: string;
  /** s: SHA-256 of the secret that R and the idempotency key lead to. */
  readonly successorHash: string;
  /** The key id that new tokens are made with at this moment. */
  readonly mintingKeyId: number;
  /** The client has nothing newer than R, not even in its history. */
  readonly final: boolean;
  /**
   * Set where the client sent no idempotency key: for so many seconds after a rotation its repetition is answered, and
   * nothing older is. 0: strict single use. Such a client knows no walking up and no `final`.
   */
  readonly keylessLeewaySeconds?: Seconds;
  readonly idle: IdleRule;
  /** When the person last did something; 0 when the client did not say and only activity counts. */
  readonly activeAt: EpochSeconds;
}

/** What a refresh leads to. Only `rotate` and `reused` write. */
export type RefreshOutcome =
  | { readonly kind: 'invalid' }
  | { readonly kind: 'ended'; readonly because: 'revoked' | 'idle' | 'absolute' }
  | { readonly kind: 'rotate'; readonly next: SessionRow }
  | { readonly kind: 'repeat'; readonly successor: SuccessorName }
  | { readonly kind: 'stale'; readonly generation: number; readonly successor: SuccessorName }
  | { readonly kind: 'twin'; readonly generation: number; readonly itself: SuccessorName }
  | { readonly kind: 'behind'; readonly generation: number }
  | { readonly kind: 'old'; readonly generation: number }
  | { readonly kind: 'reused' };

/** With the secret, which the requester's token and idempotency key lead to, all that a successor's text needs. */
export interface SuccessorName {
  readonly generation: number;
  readonly keyId: number;
}

/**
 * Decides a refresh of an unbound session. Pure: the caller has checked the tag, read the row from the primary, and
 * writes what is decided by compare-and-set on `row.generation`.
 * Our protocol, in the order of its table in `docs/`; each rule says which mishap it answers.
 */
export function decide(row: SessionRow | undefined, request: RefreshRequest, now: EpochSeconds): RefreshOutcome {
  if (row === undefined) return { kind: 'invalid' };
  const because = endedBecause(row, now);
  if (because) return { kind: 'ended', because };
  const twin = findTwin(row, request);
  if (twin) return twin;
  if (request.tokenHash === row.tokenHash) return { kind: 'rotate', next: rotated(row, request, now) };
  const duplicate = findDuplicate(row, request, now);
  if (duplicate) return duplicate;
  // The database lost writes in a failover: whoever holds the newer token walks up again from its kept one. Accepting
  // the higher generation would let a leaked server secret forge, and a thief and an owner both go on.
  if (request.generation > row.generation) return { kind: 'behind', generation: row.generation };
  // A tab frozen before its request may wake after any number of rotations: not a theft, unless it says that it has
  // nothing newer, for then others went on from its token. (Who has no key cannot say so, and is never asked.)
  const isFinal = request.final || request.keylessLeewaySeconds !== undefined;
  const oldestRemembered = row.generation - chainEntries(row.chain).length;
  if (request.generation < oldestRemembered && !isFinal) return { kind: 'old', generation: row.generation };
  return { kind: 'reused' };
}

/**
 * Finds the token that has the presented one's secret and another key id. It comes of a rotation that a failover lost
 * and that was made again by a node that mints with another key: two texts of one token, which lead to two successors.
 * The one that the row knows is the token; whoever presents the other one, and so knows the secret, is given that.
 */
function findTwin(row: SessionRow, { tokenHash, keyId }: RefreshRequest): RefreshOutcome | undefined {
  const known = [...chainEntries(row.chain), row];
  const at = known.findIndex((entry) => entry.tokenHash === tokenHash);
  const entry = known[at];
  if (!entry || entry.keyId === keyId) return undefined;
  const generation = row.generation - known.length + 1 + at;
  return { kind: 'twin', generation: row.generation, itself: { generation, keyId: entry.keyId } };
}

/**
 * Finds the presented token among the superseded ones with its own successor right after it: then the requester knows
 * the idempotency key, so it is the one who rotated, and its answer was lost (`repeat`) or its message late (`stale`).
 */
function findDuplicate(row: SessionRow, request: RefreshRequest, now: EpochSeconds): RefreshOutcome | undefined {
  const entries = chainEntries(row.chain);
  const at = entries.findIndex((entry) => entry.tokenHash === request.tokenHash);
  if (at < 0) return undefined;
  const next = entries[at + 1];
  if (request.keylessLeewaySeconds !== undefined) {
    const leeway = request.keylessLeewaySeconds;
    // Without a leeway nobody can come by the successor again but this very call, whose statement was run again after a
    // lost connection. In both directions: a clock that was set back must not stretch what the operator stated.
    const isWithin = leeway === 0 || Math.abs(now - row.refreshedAt) < leeway;
    if (next || !isWithin) return undefined;
  }
  const generation = row.generation - entries.length + at + 1;
  if (!next) {
    const isOwn = request.successorHash === row.tokenHash;
    return isOwn ? { kind: 'repeat', successor: { generation, keyId: row.keyId } } : undefined;
  }
  if (next.tokenHash !== request.successorHash) return undefined;
  return { kind: 'stale', generation: row.generation, successor: { generation, keyId: next.keyId } };
}

/** The row after a rotation: what the stores' one UPDATE must do. The absolute expiry stays. */
export function rotated(row: SessionRow, request: RefreshRequest, now: EpochSeconds): SessionRow {
  const activeAt = Math.max(row.activeAt, request.activeAt) as EpochSeconds;
  const countedFrom = request.idle.countedFrom === 'activity' ? activeAt : now;
  return {
    ...row,
    generation: row.generation + 1,
    tokenHash: request.successorHash,
    keyId: request.mintingKeyId,
    chain: appendToChain(row.chain, row, chainCapacity),
    refreshedAt: now,
    activeAt,
    idleExpiresAt: Math.min(row.absoluteExpiresAt, countedFrom + request.idle.idleSeconds) as EpochSeconds,
  };
}
