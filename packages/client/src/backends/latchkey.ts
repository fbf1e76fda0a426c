import { decodeRefreshToken, parseErrorBody, parseUser, saysInvalidToken, sessionFields } from '@latchkey/protocol';
import { passingStatuses } from '../core/refresh-verdict.js';
import type { BackendFactory, WireAnswer } from '../ports.js';
import { type Dialect, readVerdict } from './verdicts.js';

/** Where a Latchkey server stands. */
export interface LatchkeyOptions {
  /** The endpoints' base; default the first API's origin + `/auth`. */
  readonly url?: string;
}

const dialect: Dialect = {
  fields: sessionFields,
  refusal({ status, body }) {
    const error = parseErrorBody(body)?.error;
    return status >= 400 && status < 500 && !passingStatuses.includes(status) ? error : undefined;
  },
};

/** For refresh, `invalid_grant` alone is the end: any other word is about the request, not the session. */
const refreshDialect: Dialect = {
  fields: sessionFields,
  refusal: ({ status, body }) =>
    (status === 400 || status === 401) && parseErrorBody(body)?.error === 'invalid_grant' ? 'invalid_grant' : undefined,
};

/** Signs in to our own server: rotation that can be repeated, lost or raced without ending the session. */
export function latchkey(options: LatchkeyOptions = {}): BackendFactory {
  return ({ apiUrl }) => {
    const base = (options.url ?? new URL('/auth', apiUrl).href).replace(/\/+$/, '');
    const keyHeader = (key: string | undefined) => (key === undefined ? {} : { 'Idempotency-Key': key });
    return {
      endpoint: `${base}/refresh`,
      idempotent: true,
      signIn: (credentials, replaces) => ({
        method: 'POST',
        url: `${base}/sign-in`,
        body: { ...credentials, ...(replaces !== undefined && { replaces }) },
      }),
      signUp: (details) => ({ method: 'POST', url: `${base}/sign-up`, body: details }),
      refresh: ({ refreshToken, idempotencyKey, final, idleForSeconds }) => ({
        method: 'POST',
        url: `${base}/refresh`,
        headers: keyHeader(idempotencyKey),
        body: {
          refresh: refreshToken,
          ...(final && { final }),
          ...(idleForSeconds !== undefined && { idle_for_seconds: idleForSeconds }),
        },
      }),
      readTokens: (answer) => readVerdict(answer, dialect),
      readRefresh: (answer) => superseded(answer) ?? readVerdict(answer, refreshDialect),
      signOut: (refreshToken) => ({
        method: 'POST',
        url: `${base}/sign-out`,
        body: { refresh: refreshToken },
        keepalive: true,
      }),
      signOutEverywhere: () => ({ method: 'POST', url: `${base}/sign-out`, body: { everywhere: true } }),
      changePassword: ({ current, next, refreshToken, idempotencyKey }) => ({
        method: 'POST',
        url: `${base}/password`,
        headers: keyHeader(idempotencyKey),
        body: { current, next, refresh: refreshToken },
      }),
      updateUser: ({ profile }) => ({ method: 'PATCH', url: `${base}/me`, body: { profile } }),
      readUser: ({ body }) => parseUser(body),
      position: decodeRefreshToken,
      saysInvalidToken,
    };
  };
}

/** 409: the token has been replaced; the body says where the chain stands. */
function superseded(answer: WireAnswer | { readonly status: 0 }): ReturnType<typeof verdictOf> {
  return 'body' in answer && answer.status === 409 ? verdictOf(answer) : undefined;
}

function verdictOf({ body }: WireAnswer) {
  const told = parseErrorBody(body);
  if (told?.error !== 'stale_refresh' || told.generation === undefined) return undefined;
  return { kind: 'superseded', generation: told.generation, refresh: told.refresh } as const;
}
