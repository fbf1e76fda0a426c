import {
  type AccessTokenClaims,
  type Milliseconds,
  type TokenSet,
  decodeAccessToken,
  milliseconds,
} from '@latchkey/protocol';
import type { IssuedTokens } from './session-record.js';

/** Taken for an opaque access token whose lifetime nobody states. Our choice: as short as they come; a 401 tells more. */
const unstatedLifetime = 300;

/** Where in the session's life the tokens stand, as far as anybody says. */
export interface TokenOrigin {
  /** Just before the request was sent, on our clock: what a suspended tab adds to an answer's age stays on the safe side. */
  readonly sentAt: Milliseconds;
  readonly sessionId: string;
  readonly generation: number | undefined;
}

/**
 * Dates tokens on this device's clock. The server's times are only ever compared with the server's: the lifetime is
 * `expires_in`, else `exp − iat`, counted from the moment before the request.
 */
export function dateTokens(tokens: TokenSet, { sentAt, sessionId, generation }: TokenOrigin): IssuedTokens {
  const claims = decodeAccessToken(tokens.accessToken)?.claims;
  const lifetime = tokens.expiresIn ?? lifetimeOf(claims) ?? unstatedLifetime;
  const later = claims?.nbf !== undefined && claims.iat !== undefined ? claims.nbf - claims.iat : 0;
  return {
    accessToken: tokens.accessToken,
    refreshToken: tokens.refreshToken,
    user: tokens.user,
    sessionId,
    generation,
    refreshedAt: sentAt,
    usableFrom: milliseconds(sentAt + Math.max(0, later) * 1000),
    accessExpiresAt: milliseconds(sentAt + lifetime * 1000),
    sessionExpiresAt:
      tokens.refreshExpiresIn === undefined ? null : milliseconds(sentAt + tokens.refreshExpiresIn * 1000),
  };
}

function lifetimeOf(claims: AccessTokenClaims | undefined): number | undefined {
  if (claims?.exp === undefined || claims.iat === undefined) return undefined;
  return claims.exp > claims.iat ? claims.exp - claims.iat : undefined;
}
