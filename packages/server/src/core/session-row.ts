import type { EpochSeconds } from '@latchkey/protocol';

/** Why a session was ended; stands in its row and in the audit event, never in an answer. */
export type RevocationReason =
  | 'signed_out'
  | 'signed_out_everywhere'
  | 'replaced'
  | 'refresh_reused'
  | 'password_changed'
  | 'password_reset'
  | 'ended_by_user'
  | 'ended_by_operator';

/** One session: one sign-in and the whole chain of refresh tokens that came of it. Times in seconds since 1970. */
export interface SessionRow {
  /** 16 random bytes as base64url; the claim `sid`. */
  readonly id: string;
  readonly userId: string;
  /** How often the refresh token has been rotated. */
  readonly generation: number;
  /** SHA-256 of the current refresh token's secret, base64url, 43 characters. */
  readonly tokenHash: string;
  /** Id of the server secret that the current refresh token was made with, 0–255. */
  readonly keyId: number;
  /** The last 8 superseded tokens, newest last. @see chainEntries */
  readonly chain: string;
  /** Thumbprint of the DPoP key of a bound session; `null`: bearer tokens. */
  readonly jkt: string | null;
  readonly createdAt: EpochSeconds;
  readonly refreshedAt: EpochSeconds;
  /** When the person last did something, as far as the client told. */
  readonly activeAt: EpochSeconds;
  readonly idleExpiresAt: EpochSeconds;
  /** Never moved by a rotation. */
  readonly absoluteExpiresAt: EpochSeconds;
  readonly revokedAt: EpochSeconds | null;
  readonly revokedReason: RevocationReason | null;
  /** Of the request that made or last rotated the session. */
  readonly userAgent: string;
  readonly ip: string;
  readonly label: string | null;
}

/** One superseded token. */
export interface ChainEntry {
  readonly tokenHash: string;
  readonly keyId: number;
}

/** How many superseded tokens a session remembers. Our choice: a late duplicate is rarely more than 2 steps old. */
export const chainCapacity = 8;

const hashLength = 43;

/** Characters of one entry: the hash, then the key id as two hexadecimal digits. Fixed, so that SQL can cut it. */
export const chainEntryLength = hashLength + 2;

/** Reads a chain, oldest first. */
export function chainEntries(chain: string): ChainEntry[] {
  const entries: ChainEntry[] = [];
  for (let at = 0; at + chainEntryLength <= chain.length; at += chainEntryLength) {
    entries.push({
      tokenHash: chain.slice(at, at + hashLength),
      keyId: Number.parseInt(chain.slice(at + hashLength, at + chainEntryLength), 16),
    });
  }
  return entries;
}

/** Adds the newest entry and drops what is beyond `capacity`. */
export function appendToChain(chain: string, entry: ChainEntry, capacity: number = chainCapacity): string {
  const text = chain + entry.tokenHash + entry.keyId.toString(16).padStart(2, '0');
  return text.slice(-capacity * chainEntryLength);
}

/** Tells why a session has ended, or `undefined` while it lives. Expiry is exclusive: at that second it has ended. */
export function endedBecause(row: SessionRow, now: EpochSeconds): 'revoked' | 'idle' | 'absolute' | undefined {
  if (row.revokedAt !== null) return 'revoked';
  if (row.absoluteExpiresAt <= now) return 'absolute';
  return row.idleExpiresAt <= now ? 'idle' : undefined;
}
