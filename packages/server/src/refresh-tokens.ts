import { hash, timingSafeEqual } from 'node:crypto';
import {
  type DecodedRefreshToken,
  type RefreshTokenParts,
  decodeRefreshToken,
  encodeRefreshToken,
  encodeRefreshTokenPayload,
} from '@latchkey/protocol';
import type { Keys, RefreshKey } from './ports.js';

/** A refresh token whose tag is good: this server made it, or somebody who has its secret. */
export interface AuthenticRefreshToken extends DecodedRefreshToken {
  readonly text: string;
  /** SHA-256 of the secret, as the database keeps it. */
  readonly tokenHash: string;
  readonly key: RefreshKey;
}

/** What can be said of a refresh token without a query. */
export type RefreshTokenVerdict =
  | { readonly kind: 'authentic'; readonly token: AuthenticRefreshToken }
  /** Made up or altered. */
  | { readonly kind: 'forged' }
  /** Names a secret that this node's key file has no more (or never had): whether it is authentic cannot be told. */
  | { readonly kind: 'retired' }
  /** Made with a secret that this node does not know yet: no verdict, ask again later. */
  | { readonly kind: 'from-the-future' };

/** Checks a refresh token's form and tag. A made-up one costs one HMAC at most, never a query. */
export function readRefreshToken(keys: Keys, text: string): RefreshTokenVerdict {
  const decoded = decodeRefreshToken(text);
  if (!decoded) return { kind: 'forged' };
  if (decoded.keyId > keys.highestKeyId) return { kind: 'from-the-future' };
  const key = keys.refreshKey(decoded.keyId);
  if (!key) return { kind: 'retired' };
  if (!timingSafeEqual(key.tag(decoded.payload), decoded.tag)) return { kind: 'forged' };
  return { kind: 'authentic', token: { ...decoded, text, tokenHash: hashSecret(decoded.secret), key } };
}

/** Writes a refresh token. @throws RangeError when its key is not (or no longer) known */
export function writeRefreshToken(keys: Keys, parts: RefreshTokenParts): string {
  const key = keys.refreshKey(parts.keyId);
  if (!key) throw new RangeError('The secret of that key id is not known.');
  const payload = encodeRefreshTokenPayload(parts);
  return encodeRefreshToken(payload, key.tag(payload));
}

/** What the database keeps of a secret. A plain hash is enough: the secret has 256 random bits. */
export function hashSecret(secret: Uint8Array): string {
  return hash('sha256', secret, 'base64url');
}
