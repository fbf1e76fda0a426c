import type { RequestParts } from './core/credentials.js';

/**
 * What can be verified: a `Request`, Node's `IncomingMessage` (Express's `req` is one; of Fastify pass `request.raw`),
 * or anything with their `headers` and `url`. Header names in any case.
 */
export interface VerifiableRequest {
  readonly headers:
    { get(name: string): string | null } | Readonly<Record<string, string | readonly string[] | undefined>>;
  /** Absolute, or from the path on. */
  readonly url?: string | undefined;
  /** Names and values by turns. Node's `headers` keeps the first of two `Authorization` fields and hides the other. */
  readonly rawHeaders?: readonly string[] | undefined;
}

/** Takes from a request what the verifier looks at. */
export function partsOf(request: VerifiableRequest): RequestParts {
  return { url: request.url ?? '', authorization: authorizationOf(request) };
}

function authorizationOf({ headers, rawHeaders }: VerifiableRequest): readonly string[] {
  if (isHeaders(headers)) {
    const value = headers.get('authorization');
    return value === null ? [] : [value];
  }
  if (rawHeaders) return rawHeaders.filter((_, at) => at % 2 === 1 && isAuthorization(rawHeaders[at - 1]));
  return Object.keys(headers).flatMap((name) => (isAuthorization(name) ? (headers[name] ?? []) : []));
}

const isHeaders = (headers: VerifiableRequest['headers']): headers is { get(name: string): string | null } =>
  typeof headers.get === 'function';

const isAuthorization = (name: string | undefined): boolean =>
  name?.length === 13 && name.toLowerCase() === 'authorization';
