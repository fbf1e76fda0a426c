import {
  type AccessTokenClaims,
  checkClaims,
  decodeAccessToken,
  decodeBase64Url,
  epochSeconds,
} from '@latchkey/protocol';
import { coolDownAfterFailure } from './core/key-schedule.js';
import { rememberRecent } from './core/recent-tokens.js';
import { readKeyId } from './core/token-header.js';
import type { VerifierSettings } from './options.js';
import type { KeySource, SignatureCheck } from './ports.js';
import { VerifyError, refuseToken } from './verify-error.js';

/** Longest token that is looked at, in characters; ours have about 500. */
const longestToken = 8_192;

/** How many tokens are remembered; a token costs about 2 KB. */
const rememberedTokens = 1_000;

/** A token whose signature was found good under a key that the issuer had then. */
interface SignedToken {
  readonly claims: AccessTokenClaims;
  readonly kid: string;
  readonly check: SignatureCheck;
}

/** Verifies a token's text; gives its claims, frozen. @throws VerifyError when it is refused. */
export type VerifyToken = (token: string) => Promise<AccessTokenClaims>;

/**
 * Makes the check of access tokens: length, form and header before any key is looked up, the key, the signature, the
 * claims. A signature is checked once for the same text under the same key; whether the key still stands and the claims
 * still hold is asked each time.
 */
export function tokenVerification(settings: VerifierSettings, keys: KeySource): VerifyToken {
  const seen = rememberRecent<SignedToken>(rememberedTokens);
  return async (token) => {
    if (token.length > longestToken) throw refuseToken('too_long');
    const known = seen.get(token);
    const stands = known && (await findKey(keys, known.kid)) === known.check;
    const signed = stands ? known : await checkSignature(token, keys);
    const verdict = checkClaims(signed.claims, settings.expected, epochSeconds(settings.clock.now() / 1000));
    if (verdict !== 'ok') throw refuseToken(verdict);
    // Bound to a key whose proof is not looked at here: taking it as a bearer token would undo the binding (RFC 9449 §7).
    if (signed.claims['cnf'] !== undefined) throw refuseToken('bound_token');
    if (!stands) seen.set(token, signed);
    return signed.claims;
  };
}

async function checkSignature(token: string, keys: KeySource): Promise<SignedToken> {
  const decoded = decodeAccessToken(token);
  if (!decoded) throw refuseToken('malformed');
  const kid = readKeyId(decoded.header);
  if (kid === undefined) throw refuseToken('wrong_header');
  const check = await findKey(keys, kid);
  const end = token.lastIndexOf('.');
  const signature = decodeBase64Url(token.slice(end + 1));
  if (!signature || !check(token.slice(0, end), signature)) throw refuseToken('bad_signature');
  return { claims: freezeDeep(decoded.claims), kid, check };
}

async function findKey(keys: KeySource, kid: string): Promise<SignatureCheck> {
  const found = await keys.find(kid);
  if (found.kind === 'key') return found.check;
  if (found.kind === 'unknown') throw refuseToken('unknown_key');
  throw new VerifyError('temporarily_unavailable', {
    reason: 'keys_unavailable',
    description: 'The keys of the token server cannot be had at the moment: try again soon.',
    retryAfterSeconds: coolDownAfterFailure / 1000,
    cause: found.cause,
  });
}

/** Claims are handed out more than once, so nobody may change them for the next. */
function freezeDeep<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null) for (const child of Object.values(value)) freezeDeep(child);
  return Object.freeze(value);
}
