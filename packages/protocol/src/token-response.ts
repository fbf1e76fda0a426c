import { isObject } from './strict-json.js';
import type { Seconds } from './time.js';

/** The user as the session endpoints give it; `profile` is the app's own, up to 8 KiB of JSON. */
export interface User<Profile = unknown> {
  readonly id: string;
  readonly username: string;
  readonly profile: Profile;
}

/** What sign-in and refresh bring, in our names. */
export interface TokenSet {
  readonly accessToken: string;
  /** Absent where the backend does not rotate: the presented one stays. */
  readonly refreshToken: string | undefined;
  readonly tokenType: 'Bearer' | 'DPoP';
  /** The access token's lifetime as stated, `undefined` where none (or no usable one) was: read the token then. */
  readonly expiresIn: Seconds | undefined;
  /** Until the session ends if nothing refreshes it. */
  readonly refreshExpiresIn: Seconds | undefined;
  /** `undefined` where the backend's answer has no user. */
  readonly user: User | undefined;
}

/** Names of the members on the wire. */
export interface TokenFields {
  readonly access: string;
  readonly refresh: string;
}

/** The names of our server and of Django SimpleJWT. */
export const sessionFields: TokenFields = { access: 'access', refresh: 'refresh' };

/** The names of OAuth 2.0. @see RFC 6749 §5.1 */
export const oauthFields: TokenFields = { access: 'access_token', refresh: 'refresh_token' };

/** Largest lifetime that is believed, 100 years: larger ones are mistakes of unit and would overflow a date. */
const longestLifetime = 3_155_760_000;

/**
 * Reads a success body of any dialect; `undefined` if it carries no access token (then it is no success, whatever the
 * status said: a captive portal, a truncated body), or one of a type that is neither Bearer nor DPoP.
 * A `null` refresh token is none. @see RFC 6749 §7.1
 */
export function parseTokenResponse(body: unknown, fields: TokenFields = sessionFields): TokenSet | undefined {
  if (!isObject(body)) return undefined;
  const accessToken = body[fields.access];
  const refreshToken = body[fields.refresh] ?? undefined;
  const tokenType = parseTokenType(body['token_type'] ?? 'Bearer');
  if (!tokenType || !isTokenText(accessToken)) return undefined;
  if (refreshToken !== undefined && !isTokenText(refreshToken)) return undefined;
  return {
    accessToken,
    refreshToken,
    tokenType,
    expiresIn: parseLifetime(body['expires_in']),
    refreshExpiresIn: parseLifetime(body['refresh_expires_in']),
    user: parseUser(body['user']),
  };
}

/** Type names differ by case between servers. */
function parseTokenType(value: unknown): TokenSet['tokenType'] | undefined {
  const name = typeof value === 'string' && value.toLowerCase();
  if (name === 'dpop') return 'DPoP';
  return name === 'bearer' ? 'Bearer' : undefined;
}

/** A token that can stand in a header: visible ASCII. @see RFC 6750 §2.1 */
const isTokenText = (value: unknown): value is string => typeof value === 'string' && /^[\x21-\x7e]+$/.test(value);

/** Seconds as a number or as digits (some servers quote them); `undefined` for zero, negative or absurd values. */
function parseLifetime(value: unknown): Seconds | undefined {
  const number = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number > 0 && number <= longestLifetime ? (number as Seconds) : undefined;
}

/**
 * Reads a user as our endpoints give it; `undefined` if it is none. A numeric id becomes text; one above 2⁵³ is refused,
 * because JSON has rounded it and two people could share it.
 */
export function parseUser(value: unknown): User | undefined {
  if (!isObject(value)) return undefined;
  const { id, username, profile } = value;
  const idText = Number.isSafeInteger(id) ? String(id) : id;
  if (typeof idText !== 'string' || typeof username !== 'string') return undefined;
  return { id: idText, username, profile: profile ?? {} };
}

/** The body of a session answer of our server. Lifetimes in seconds. */
export interface SessionBody {
  readonly access: string;
  readonly refresh: string;
  readonly token_type: 'Bearer' | 'DPoP';
  readonly expires_in: number;
  readonly refresh_expires_in: number;
  readonly user: User;
}

/** Writes the body of a session answer. Of the user three members and no others: a database row may have more. */
export function formatSessionBody(tokens: {
  accessToken: string;
  refreshToken: string;
  expiresIn: Seconds;
  refreshExpiresIn: Seconds;
  user: User;
}): SessionBody {
  return {
    access: tokens.accessToken,
    refresh: tokens.refreshToken,
    token_type: 'Bearer',
    expires_in: tokens.expiresIn,
    refresh_expires_in: tokens.refreshExpiresIn,
    user: { id: tokens.user.id, username: tokens.user.username, profile: tokens.user.profile },
  };
}

/** The body of an error of our server; for `stale_refresh` with what the client goes on from. */
export interface ErrorBody {
  readonly error: string;
  readonly error_description: string;
  readonly request_id?: string;
  /** With `stale_refresh`: the generation that the session's row has. */
  readonly generation?: number;
  /** With `stale_refresh`: the successor of the presented token, itself superseded. */
  readonly refresh?: string;
}

/** Reads an error body; `undefined` if it has no `error` member. */
export function parseErrorBody(body: unknown): ErrorBody | undefined {
  if (!isObject(body) || typeof body['error'] !== 'string') return undefined;
  const { error, error_description: text, generation, refresh, request_id: id } = body;
  return {
    error,
    error_description: typeof text === 'string' ? text : '',
    ...(typeof id === 'string' && { request_id: id }),
    ...(Number.isSafeInteger(generation) && { generation: generation as number }),
    ...(isTokenText(refresh) && { refresh }),
  };
}
