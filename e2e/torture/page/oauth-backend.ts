import type { Backend, BackendFactory, RefreshVerdict, WireAnswer, WireFailure } from '@latchkey/client';
import { oauthFields, parseErrorBody, parseTokenResponse, saysInvalidToken } from '@latchkey/protocol';

/** What an app writes for a plain OAuth server: the refresh grant of a public client. @see RFC 6749 §6 */
export function oauthBackend({ url, clientId }: { url: string; clientId: string }): BackendFactory {
  const backend: Backend = {
    endpoint: `${url}/token`,
    idempotent: false,
    signIn: (credentials) => ({ method: 'POST', url: `${url}/enter`, body: credentials }),
    refresh: ({ refreshToken }) => ({
      method: 'POST',
      url: `${url}/token`,
      body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token: refreshToken, client_id: clientId }),
    }),
    readTokens,
    readRefresh: readTokens,
    saysInvalidToken,
  };
  return () => backend;
}

function readTokens(answer: WireAnswer | WireFailure): RefreshVerdict {
  const { status } = answer;
  const body = 'body' in answer ? answer.body : undefined;
  const tokens = status === 200 ? parseTokenResponse(body, oauthFields) : undefined;
  if (tokens) return { kind: 'success', tokens };
  if (status === 400 && parseErrorBody(body)?.error === 'invalid_grant')
    return { kind: 'refused', error: 'invalid_grant', message: 'The grant is over.', status };
  const told = 'header' in answer ? Number(answer.header('retry-after')) : 0;
  const retryAfter = Number.isInteger(told) && told > 0 ? (told as RetryAfter) : undefined;
  return {
    kind: 'transient',
    code: status === 0 ? 'ERR_NETWORK' : 'ERR_SERVER',
    message: 'No tokens.',
    status,
    retryAfter,
  };
}

type RetryAfter = NonNullable<Extract<RefreshVerdict, { kind: 'transient' }>['retryAfter']>;
