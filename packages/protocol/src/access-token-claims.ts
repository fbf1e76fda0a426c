import { decodeBase64Url, decodeUtf8 } from './base64url.js';
import { parseStrictObject } from './strict-json.js';
import type { EpochSeconds, Seconds } from './time.js';

/** The claims of an access token that Latchkey knows by name; others stay as they came. @see RFC 9068 §2.2 */
export interface AccessTokenClaims {
  readonly iss?: string;
  readonly sub?: string;
  readonly aud?: string | readonly string[];
  readonly exp?: EpochSeconds;
  readonly nbf?: EpochSeconds;
  readonly iat?: EpochSeconds;
  readonly jti?: string;
  readonly client_id?: string;
  /** The session: one sign-in and all tokens that came of it. */
  readonly sid?: string;
  /** How often all of the user's sessions have been ended at once; verifiers compare it, never times. */
  readonly epoch?: number;
  readonly [claim: string]: unknown;
}

/** A decoded, NOT verified, compact JWS. */
export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: AccessTokenClaims;
}

/** What a claim set must say to be accepted. */
export interface ExpectedClaims {
  readonly issuer: string;
  readonly audience: string;
  /** Allowed difference of clocks, at most 60 s. */
  readonly clockToleranceSeconds: Seconds;
}

/** Why a claim set is refused, or `ok`. */
export type ClaimsVerdict =
  'ok' | 'wrong_issuer' | 'wrong_audience' | 'expired' | 'not_yet_valid' | 'malformed_claim' | 'missing_claim';

const names = ['iss', 'sub', 'jti', 'client_id', 'sid'] as const;
const times = ['exp', 'nbf', 'iat'] as const;

/**
 * Reads a JWT without verifying it: for showing an expiry or a name in a browser, never for a decision of an API.
 * `undefined` for an opaque token, or one with padding, white space, invalid UTF-8, lone surrogates, members that
 * stand twice, or a registered claim of the wrong type. Members `__proto__` are left out. @see RFC 7519 §7.2
 */
export function decodeAccessToken(token: string): DecodedToken | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const header = decodePart(parts[0]);
  const claims = decodePart(parts[1]);
  if (!header || !claims || !hasSoundClaims(claims) || !decodeBase64Url(parts[2] ?? '')) return undefined;
  return { header, claims };
}

function decodePart(part: string | undefined): Record<string, unknown> | undefined {
  const bytes = decodeBase64Url(part ?? '');
  const text = bytes && decodeUtf8(bytes);
  return text === undefined ? undefined : parseStrictObject(text, 'ignore-proto');
}

function hasSoundClaims(claims: Record<string, unknown>): claims is AccessTokenClaims {
  const { aud, epoch } = claims as AccessTokenClaims;
  return (
    names.every((name) => claims[name] === undefined || isWellFormed(claims[name])) &&
    times.every((name) => claims[name] === undefined || isTime(claims[name])) &&
    (aud === undefined || isWellFormed(aud) || (Array.isArray(aud) && aud.every(isWellFormed))) &&
    (epoch === undefined || Number.isSafeInteger(epoch))
  );
}

/** A string without lone surrogates: read by code points, only those are of category Cs. */
const isWellFormed = (value: unknown): value is string => typeof value === 'string' && !/\p{Cs}/u.test(value);

const isTime = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value) && value >= 0;

/**
 * Checks the claims of a token whose signature has been verified. Pure: the caller passes the time.
 * Issuer and audience are compared character by character (RFC 9068 §4, RFC 8725 §3.8 f.).
 */
export function checkClaims(claims: AccessTokenClaims, expected: ExpectedClaims, now: EpochSeconds): ClaimsVerdict {
  if (!hasSoundClaims(claims)) return 'malformed_claim';
  const { iss, aud, exp, nbf, iat, sub } = claims;
  if (exp === undefined || iat === undefined || sub === undefined || iss === undefined) return 'missing_claim';
  if (iss !== expected.issuer) return 'wrong_issuer';
  if (!(Array.isArray(aud) ? aud.includes(expected.audience) : aud === expected.audience)) return 'wrong_audience';
  if (now >= exp + expected.clockToleranceSeconds) return 'expired';
  const validFrom = Math.max(nbf ?? 0, iat);
  return now < validFrom - expected.clockToleranceSeconds ? 'not_yet_valid' : 'ok';
}
