import type { EpochSeconds, Seconds } from '@latchkey/protocol';
import { type RefreshOutcome, type RefreshRequest, rotated } from '../core/rotation.js';
import type { SessionRow } from '../core/session-row.js';

const start = 1_800_000_000;
/** So many seconds after the session began. */
export const at = (seconds: number) => (start + seconds) as EpochSeconds;
/** When a test decides, unless it says otherwise. */
export const now = at(1000);
/** Seconds of a day. */
export const day = 86_400;

/** Stands for the hash of the token of a generation on a branch of the chain. */
export const hashOf = (generation: number, branch = 'own') => `${branch}-${String(generation)}`.padEnd(43, '_');

/** A row whose owner has rotated so often, always with their own key. */
export function rowAt(generation: number, changes: Partial<SessionRow> = {}): SessionRow {
  let row: SessionRow = {
    id: 'session',
    userId: 'user',
    generation: 0,
    tokenHash: hashOf(0),
    keyId: 1,
    chain: '',
    jkt: null,
    createdAt: at(0),
    refreshedAt: at(0),
    activeAt: at(0),
    idleExpiresAt: at(30 * day),
    absoluteExpiresAt: at(365 * day),
    revokedAt: null,
    revokedReason: null,
    userAgent: '',
    ip: '',
    label: null,
  };
  for (let from = 0; from < generation; from += 1) row = rotated(row, request(from), at(from));
  return { ...row, ...changes };
}

/** A refresh with the token of a generation; `leadsTo` is the branch that its idempotency key leads to. */
export function request(
  generation: number,
  changes: Partial<RefreshRequest> & { from?: string; leadsTo?: string } = {},
) {
  const { from = 'own', leadsTo = from, ...rest } = changes;
  return {
    keyId: 1,
    generation,
    tokenHash: hashOf(generation, from),
    successorHash: hashOf(generation + 1, leadsTo),
    mintingKeyId: 1,
    final: false,
    idle: { idleSeconds: (30 * day) as Seconds, countedFrom: 'refresh' },
    activeAt: now,
    ...rest,
  } satisfies RefreshRequest;
}

/** Applies a decision as the server does. */
export function apply(row: SessionRow, outcome: RefreshOutcome): SessionRow {
  if (outcome.kind === 'rotate') return outcome.next;
  return outcome.kind === 'reused' ? { ...row, revokedAt: now, revokedReason: 'refresh_reused' } : row;
}
