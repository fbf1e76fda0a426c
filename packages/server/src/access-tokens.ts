import { checkClaims, decodeAccessToken, decodeBase64Url, type EpochSeconds, type Seconds } from '@latchkey/protocol';
import type { AccessTokenClaims } from '@latchkey/protocol';
import type { AuthorisedSession, Keys, Random } from './ports.js';

/** What stands in every access token of a server. */
export interface AccessTokenSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly clientId: string;
  readonly accessSeconds: Seconds;
  /** How the person proved who they are, where this server checked it. @see RFC 8176 */
  readonly amr: readonly string[] | undefined;
}

/** A signed access token and how long it lives. */
export interface MintedAccessToken {
  readonly text: string;
  readonly expiresIn: Seconds;
}

/** Signs and verifies access tokens. @see RFC 9068 */
export interface AccessTokens {
  /**
   * Signs a token for a live session, which it never outlives: where only acts of the person keep a session, the client
   * must come back with them while that still counts.
   */
  mint(authorised: AuthorisedSession, now: EpochSeconds, extra?: Readonly<Record<string, unknown>>): MintedAccessToken;
  /** The claims of a token of ours that is good now; says nothing about whether its session still lives. */
  verify(text: string, now: EpochSeconds): VerifiedClaims | undefined;
}

/** Claims that a token of ours always has. */
export type VerifiedClaims = AccessTokenClaims & { readonly sub: string; readonly sid: string; readonly epoch: number };

/** How far the clocks of two nodes may be apart. */
const tolerance = 5 as Seconds;

/** Longest token that is looked at, in characters. */
const longestToken = 8192;

export function createAccessTokens(keys: Keys, random: Random, settings: AccessTokenSettings): AccessTokens {
  const header = toBase64Url(JSON.stringify({ alg: 'ES256', typ: 'at+jwt', kid: keys.signingKeyId }));
  const expected = { issuer: settings.issuer, audience: settings.audience, clockToleranceSeconds: tolerance };
  return {
    mint({ session, user }, now, extra) {
      const exp = Math.min(now + settings.accessSeconds, session.idleExpiresAt, session.absoluteExpiresAt);
      const claims = {
        ...extra,
        iss: settings.issuer,
        sub: user.id,
        aud: settings.audience,
        exp,
        iat: now,
        jti: Buffer.from(random.bytes(16)).toString('base64url'),
        client_id: settings.clientId,
        sid: session.id,
        epoch: user.epoch,
        auth_time: session.createdAt,
        amr: settings.amr,
      };
      const input = `${header}.${toBase64Url(JSON.stringify(claims))}`;
      return { text: `${input}.${keys.sign(input)}`, expiresIn: (exp - now) as Seconds };
    },
    verify(text, now) {
      if (text.length > longestToken) return undefined;
      const decoded = decodeAccessToken(text);
      if (!decoded || !hasOurHeader(decoded.header)) return undefined;
      const end = text.lastIndexOf('.');
      const signature = decodeBase64Url(text.slice(end + 1));
      if (!signature || !keys.verify(decoded.header.kid, text.slice(0, end), signature)) return undefined;
      const { claims } = decoded;
      return checkClaims(claims, expected, now) === 'ok' && isOurs(claims) ? claims : undefined;
    },
  };
}

/** Our tokens have these three members; `crit`, `jku`, `jwk` and their like mean that somebody else wrote it. */
function hasOurHeader(header: Readonly<Record<string, unknown>>): header is { alg: string; typ: string; kid: string } {
  const { alg, typ, kid, ...others } = header;
  return alg === 'ES256' && typ === 'at+jwt' && typeof kid === 'string' && Object.keys(others).length === 0;
}

const isOurs = (claims: AccessTokenClaims): claims is VerifiedClaims =>
  claims.sub !== undefined && claims.sid !== undefined && claims.epoch !== undefined;

const toBase64Url = (text: string): string => Buffer.from(text).toString('base64url');
