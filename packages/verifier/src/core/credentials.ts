import { isSecretParameter } from '@latchkey/protocol';

/** Of a request, what the verifier looks at. */
export interface RequestParts {
  /** The URL, absolute or from the path on, undecoded. */
  readonly url: string;
  /** The value of every `Authorization` field, in their order. */
  readonly authorization: readonly string[];
}

/** The token that came, or why there is none. `none`: nobody tried to sign in, so no error code is due. */
export type Credentials =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'none' }
  | { readonly kind: 'refused'; readonly description: string };

/** Text shorter than this is no token, and may stand in a URL by chance. */
const shortestSecret = 32;

const refused = (description: string): Credentials => ({ kind: 'refused', description });

/**
 * Finds the bearer token of a request. It has one place, one `Authorization` field; a secret in the URL refuses the
 * request whatever else it carries, because the URL is in a log already. @see RFC 6750 §2, §3.1
 */
export function findCredentials(parts: RequestParts, secretParameters?: readonly string[]): Credentials {
  if (namesSecret(parts.url, secretParameters)) {
    return refused('A parameter of the URL has the name of a secret: send it in a header or in a body.');
  }
  const [field, ...others] = parts.authorization;
  if (others.length > 0) return refused('The request has more than one Authorization field: send one.');
  return field === undefined ? { kind: 'none' } : readField(field, parts.url);
}

function readField(field: string, url: string): Credentials {
  const [, scheme = '', rest = ''] = /^\s*([^\s,]*)[ \t]*(.*)$/s.exec(field) ?? [];
  const isBearer = scheme.toLowerCase() === 'bearer';
  // Runtimes join repeated fields with a comma, which no token contains; in another scheme's parameters it may stand.
  if (isBearer ? rest.includes(',') : /,\s*bearer\s/i.test(field)) {
    return refused('The request has more than one Authorization field: send one.');
  }
  if (!isBearer) return { kind: 'none' };
  if (rest === '') return refused('The Authorization field says Bearer and has no token behind it.');
  if (rest.length >= shortestSecret && url.includes(rest))
    return refused('The access token stands in the URL too: send it in the header alone.');
  return { kind: 'token', token: rest };
}

function namesSecret(url: string, names?: readonly string[]): boolean {
  const start = url.indexOf('?');
  if (start < 0) return false;
  const query = url.slice(start + 1).split('#')[0] ?? '';
  return query.split('&').some((pair) => isSecretParameter(decodeName(pair.split('=')[0] ?? ''), names));
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name.replace(/\+/g, ' '));
  } catch {
    return name;
  }
}
