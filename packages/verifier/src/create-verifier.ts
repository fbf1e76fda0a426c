import type { AccessTokenClaims, EpochSeconds } from '@latchkey/protocol';
import { findCredentials } from './core/credentials.js';
import { importEs256Key } from './node-signature.js';
import { type VerifierOptions, type VerifierSettings, checkOptions } from './options.js';
import { createRemoteKeys } from './remote-keys.js';
import { type VerifiableRequest, partsOf } from './request-parts.js';
import { VerifyError } from './verify-error.js';
import { tokenVerification } from './verify-token.js';

/** The claims that a verified token has for certain. */
export interface VerifiedClaims extends AccessTokenClaims {
  readonly iss: string;
  readonly sub: string;
  readonly aud: string | readonly string[];
  readonly exp: EpochSeconds;
  readonly iat: EpochSeconds;
}

/** A request that carries a good access token. */
export interface Verified<Claims extends object = object> {
  /** All claims, frozen. */
  readonly claims: VerifiedClaims & Claims;
  /** The user's id: the claim `sub`. */
  readonly subject: string;
  /** The session's id: the claim `sid`. */
  readonly sessionId: string | undefined;
  /**
   * Asks that the person gave a password no longer ago than so many seconds: before money moves, a refreshed session is
   * not enough. @throws VerifyError insufficient_user_authentication when it is longer, or not said. @see RFC 9470 §3
   */
  requireRecentAuth(maxAgeSeconds: number): void;
}

/** Verifies the requests that an API gets. */
export interface Verifier {
  /**
   * Verifies the access token of a request and gives its claims. Costs no query; the issuer's keys are fetched at the
   * first request and then every 10 minutes. `Claims` types what the issuer adds: it vouches for their shape.
   * @throws VerifyError when the request is to be refused: `toResponse()` is the answer.
   */
  verify<Claims extends object = object>(request: VerifiableRequest): Promise<Verified<Claims>>;
}

/**
 * Makes a verifier. Sends nothing until the first request comes.
 * @throws ConfigError ERR_CONFIG when an option is wrong.
 * @example
 * const verifier = createVerifier({ issuer: 'https://auth.example.com' });
 * const { subject } = await verifier.verify(request);
 */
export function createVerifier(options: VerifierOptions): Verifier {
  const settings = checkOptions(options);
  const keys = createRemoteKeys({ ...settings, url: settings.jwksUrl, importKey: importEs256Key });
  const verifyToken = tokenVerification(settings, keys);
  return {
    async verify<Claims extends object = object>(request: VerifiableRequest): Promise<Verified<Claims>> {
      const claims = await verifyToken(tokenOf(request, settings.secretParameters));
      return present(claims as VerifiedClaims & Claims, settings);
    },
  };
}

function tokenOf(request: VerifiableRequest, secretParameters: readonly string[] | undefined): string {
  const credentials = findCredentials(partsOf(request), secretParameters);
  if (credentials.kind === 'token') return credentials.token;
  if (credentials.kind === 'refused') {
    throw new VerifyError('invalid_request', { reason: 'bad_request', description: credentials.description });
  }
  throw new VerifyError('missing_token', {
    reason: 'no_credentials',
    description: 'This needs an access token: sign in and send it as Authorization: Bearer <token>.',
  });
}

function present<Claims extends object>(claims: VerifiedClaims & Claims, settings: VerifierSettings): Verified<Claims> {
  return {
    claims,
    subject: claims.sub,
    sessionId: claims.sid,
    requireRecentAuth: (maxAgeSeconds) => requireRecentAuth(claims, maxAgeSeconds, settings),
  };
}

function requireRecentAuth(claims: VerifiedClaims, maxAgeSeconds: number, settings: VerifierSettings): void {
  const authTime = claims['auth_time'];
  const oldest = settings.clock.now() / 1000 - maxAgeSeconds - settings.expected.clockToleranceSeconds;
  if (typeof authTime === 'number' && authTime >= oldest) return;
  throw new VerifyError('insufficient_user_authentication', {
    reason: 'stale_sign_in',
    description: 'This needs a recent sign-in: ask for the password again.',
    challenge: { max_age: String(maxAgeSeconds) },
  });
}
