import { decodeBase64Url, encodeBase64Url } from './base64url.js';

/** The parts of a Latchkey refresh token. */
export interface RefreshTokenParts {
  /** Which server secret made it, 0–255. */
  readonly keyId: number;
  /** The session, 16 bytes as base64url: what the claim `sid` says too. */
  readonly sessionId: string;
  /** How often the session's refresh token had been rotated when this one was made, 0 to 2³²−1. */
  readonly generation: number;
  /** 32 bytes that only this token has; the database keeps a hash of them. */
  readonly secret: Uint8Array;
}

/** A refresh token taken apart, its tag not yet checked. */
export interface DecodedRefreshToken extends RefreshTokenParts {
  /** The 53 bytes that the tag is computed over. */
  readonly payload: Uint8Array;
  /** 16 bytes: the beginning of HMAC-SHA-256(tagKey, payload). */
  readonly tag: Uint8Array;
}

const prefix = 'lk1_';
const payloadLength = 1 + 16 + 4 + 32;
const tagLength = 16;

/**
 * Puts the 53 bytes together that a tag is computed over.
 * @throws RangeError when a part has the wrong size; a generation that wrapped round would be another token's.
 */
export function encodeRefreshTokenPayload(parts: RefreshTokenParts): Uint8Array {
  const session = decodeBase64Url(parts.sessionId);
  if (session?.length !== 16 || parts.secret.length !== 32) throw new RangeError('A part has the wrong length.');
  const inRange = parts.keyId === (parts.keyId & 255) && parts.generation === parts.generation >>> 0;
  if (!inRange) throw new RangeError('The key id must be 0 to 255 and the generation 0 to 4294967295.');
  const payload = new Uint8Array(payloadLength);
  payload[0] = parts.keyId;
  payload.set(session, 1);
  new DataView(payload.buffer).setUint32(17, parts.generation);
  payload.set(parts.secret, 21);
  return payload;
}

/** Writes a refresh token: `lk1_` base64url(payload) `.` base64url(tag), 98 characters. Our format. */
export function encodeRefreshToken(payload: Uint8Array, tag: Uint8Array): string {
  return `${prefix}${encodeBase64Url(payload)}.${encodeBase64Url(tag)}`;
}

/** Takes a refresh token apart; `undefined` if it is not one of ours. Says nothing about who made it: check the tag. */
export function decodeRefreshToken(token: string): DecodedRefreshToken | undefined {
  const match = /^lk1_([\w-]{71})\.([\w-]{22})$/.exec(token);
  const payload = match && decodeBase64Url(match[1] ?? '');
  const tag = match && decodeBase64Url(match[2] ?? '');
  if (payload?.length !== payloadLength || tag?.length !== tagLength) return undefined;
  return {
    keyId: payload[0] ?? 0,
    sessionId: encodeBase64Url(payload.subarray(1, 17)),
    generation: new DataView(payload.buffer).getUint32(17),
    secret: payload.subarray(21),
    payload,
    tag,
  };
}
