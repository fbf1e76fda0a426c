import { type AccessTokenClaims, checkClaims, epochSeconds } from '@latchkey/protocol';
import { coolDownAfterFailure } from './core/key-schedule.js';
import { rememberRecent } from './core/recent-tokens.js';
import { readKeyId } from './core/token-header.js';
import { decodeBytes, decodeObject } from './node-decode.js';
import type { VerifierSettings } from './options.js';
import type { KeyLookup, KeySource, SignatureCheck } from './ports.js';
import { VerifyError, refuseToken } from './verify-error.js';

/** Longest token that is looked at, in characters; ours have about 500. */
const longestToken = 8_192;

/** How many tokens are remembered; a token costs about 2 KB. */
const rememberedTokens = 1_000;

/** How many headers are remembered: one for each key, and room for strangers. */
const rememberedHeaders = 16;

/** A token whose signature was found good under a key that the issuer had then. */
interface SignedToken {
  readonly claims: AccessTokenClaims;
  readonly kid: string;
  readonly check: SignatureCheck;
}

/** Verifies a token's text; gives its claims, frozen. @throws VerifyError when it is refused. */
export type VerifyToken = (token: string) => Promise<AccessTokenClaims>;

/**
 * Makes the check of access tokens: length, form and header before any key is looked up, then the key, the signature, and
 * only then the claims. A signature is checked once for the same text under the same key; whether the key still stands
 * and the claims still hold is asked each time.
 */
export function tokenVerification(settings: VerifierSettings, keys: KeySource): VerifyToken {
  const seen = rememberRecent<SignedToken>(rememberedTokens);
  const kidOf = keyIdReader();
  return async (token) => {
    if (token.length > longestToken) throw refuseToken('too_long');
    const known = seen.get(token);
    const kid = known?.kid ?? kidOf(token.slice(0, token.indexOf('.')));
    const found = keys.find(kid);
    // Waiting where there is nothing to wait for would cost each request a turn.
    const check = checkOf(found instanceof Promise ? await found : found);
    const signed = known?.check === check ? known : { kid, check, claims: checkSignature(token, check) };
    const verdict = checkClaims(signed.claims, settings.expected, epochSeconds(settings.clock.now() / 1000));
    if (verdict !== 'ok') throw refuseToken(verdict);
    // Bound to a key whose proof is not looked at here: taking it as a bearer token would undo the binding (RFC 9449 §7).
    if (signed.claims['cnf'] !== undefined) throw refuseToken('bound_token');
    if (signed !== known) seen.set(token, signed);
    return signed.claims;
  };
}

/** Reads the key id from a token's header part. All tokens of a key have the same one: good ones are remembered. */
function keyIdReader(): (part: string) => string {
  const read = rememberRecent<string>(rememberedHeaders);
  return (part) => {
    const known = read.get(part);
    if (known !== undefined) return known;
    const header = decodeObject(part);
    if (!header) throw refuseToken('malformed');
    const kid = readKeyId(header);
    if (kid === undefined) throw refuseToken('wrong_header');
    read.set(part, kid);
    return kid;
  };
}

/** Gives the claims of a token that the key has signed, frozen. */
function checkSignature(token: string, check: SignatureCheck): AccessTokenClaims {
  const [, payload, last, ...more] = token.split('.');
  const signature = last !== undefined && more.length === 0 && decodeBytes(last);
  if (!payload || !signature) throw refuseToken('malformed');
  if (!check(token.slice(0, token.lastIndexOf('.')), signature)) throw refuseToken('bad_signature');
  const claims = decodeObject(payload);
  if (!claims) throw refuseToken('malformed');
  return freezeDeep(claims);
}

function checkOf(found: KeyLookup): SignatureCheck {
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
