/** One challenge of a `WWW-Authenticate` header. @see RFC 9110 §11.6.1 */
export interface Challenge {
  /** The scheme in lower case, such as `bearer`. */
  readonly scheme: string;
  /** Parameters by lower-case name. */
  readonly parameters: Readonly<Record<string, string>>;
}

/**
 * `name=value`, or a scheme. A `/` and an empty value are let through so that the base64 of another scheme (`Negotiate
 * ab/c=`) does not end the list before ours is reached.
 */
const part = /\s*(?:,\s*)*(?:([\w!#$%&'*+./^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))|([\w!#$%&'*+./^`|~-]+))/y;

/** Reads a `WWW-Authenticate` header with any number of challenges; what cannot be read ends the list. */
export function parseChallenges(header: string): Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = [];
  part.lastIndex = 0;
  for (let match = part.exec(header); match; match = part.exec(header)) {
    const [, name, quoted, plain, scheme] = match;
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: {} });
    const last = challenges[challenges.length - 1];
    if (name !== undefined && last) {
      Object.defineProperty(last.parameters, name.toLowerCase(), {
        value: quoted === undefined ? plain : quoted.replace(/\\(.)/g, '$1'),
        enumerable: true,
        configurable: true,
      });
    }
  }
  return challenges;
}

/** Writes one challenge; every value is quoted, so that none can end it early. */
export function formatChallenge(scheme: string, parameters: Readonly<Record<string, string>>): string {
  const list = Object.entries(parameters).map(([name, value]) => `${name}="${escape(value)}"`);
  return list.length === 0 ? scheme : `${scheme} ${list.join(', ')}`;
}

/** Control characters have no place in a header; quote and backslash are escaped. */
const escape = (value: string): string => value.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&');

/** Tells whether a 401 says that the access token is bad: the only 401 that a client answers by refreshing. */
export function saysInvalidToken(header: string | null | undefined): boolean {
  return parseChallenges(header ?? '').some(
    ({ scheme, parameters }) => (scheme === 'bearer' || scheme === 'dpop') && parameters['error'] === 'invalid_token',
  );
}
