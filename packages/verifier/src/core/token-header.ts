/** Longest key id that is looked up, in characters. Our choice because ours have 22 and a look-up may cost a fetch. */
const longestKeyId = 256;

/** What an access token's `typ` may be; a proof or an ID token says something else. @see RFC 9068 §2.1, §4 */
const types: readonly unknown[] = ['at+jwt', 'application/at+jwt'];

/**
 * Members that would let a token choose its own key or change how it is to be read. All need a reader that understands
 * them, and this one understands none. @see RFC 7515 §4.1, RFC 7797, RFC 8725 §3.10
 */
const refusedMembers = ['crit', 'b64', 'jku', 'jwk', 'x5u', 'x5c', 'x5t', 'x5t#S256', 'enc', 'zip'];

/** Checks the header of an access token; its key id, or `undefined` if the token is none of ours. */
export function readKeyId(header: Readonly<Record<string, unknown>>): string | undefined {
  const { alg, typ, kid } = header;
  if (alg !== 'ES256' || !types.includes(typ) || typeof kid !== 'string') return undefined;
  if (kid === '' || kid.length > longestKeyId) return undefined;
  return refusedMembers.some((name) => name in header) ? undefined : kid;
}
