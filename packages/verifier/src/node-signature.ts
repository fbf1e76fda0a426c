import { createPublicKey, verify } from 'node:crypto';
import { derSignature } from './der-signature.js';
import type { ImportKey } from './ports.js';

/**
 * Makes checks of ES256 signatures by `node:crypto`, synchronous: it takes half the time of WebCrypto here. Takes
 * P-256 keys for signatures alone: a key is for one algorithm. @see RFC 7518 §3.4, RFC 7517 §4
 */
export const importEs256Key: ImportKey = (jwk) => {
  const { kty, crv, x, y, alg, use } = jwk;
  if (kty !== 'EC' || crv !== 'P-256' || (alg ?? 'ES256') !== 'ES256' || (use ?? 'sig') !== 'sig') return undefined;
  if (typeof x !== 'string' || typeof y !== 'string') return undefined;
  try {
    const key = createPublicKey({ key: { kty, crv, x, y }, format: 'jwk' });
    return (text, signature) =>
      signature.length === 64 && verify('sha256', Buffer.from(text, 'latin1'), key, derSignature(signature));
  } catch {
    // Not a point on the curve: a key set with one bad key still serves the others.
    return undefined;
  }
};
