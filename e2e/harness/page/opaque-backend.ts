import type { Backend, BackendFactory, RefreshVerdict, WireAnswer, WireFailure } from '@latchkey/client';
import { oauthFields, parseTokenResponse } from '@latchkey/protocol';

/**
 * A backend that is nobody's: what an app writes for a token server that none of ours fits. Its access tokens say
 * nothing, their lifetime comes from `expires_in`.
 */
export function opaqueBackend(url: string): BackendFactory {
  const post = (path: string, body: Record<string, unknown>) => ({ method: 'POST', url: url + path, body }) as const;
  const backend: Backend = {
    endpoint: `${url}/renew`,
    idempotent: false,
    signIn: (credentials) => post('/enter', credentials),
    refresh: ({ refreshToken }) => post('/renew', { ticket: refreshToken }),
    signOut: (refreshToken) => post('/leave', { ticket: refreshToken }),
    readTokens,
    readRefresh: readTokens,
    saysInvalidToken: (challenge) => challenge === 'Opaque',
  };
  return () => backend;
}

function readTokens(answer: WireAnswer | WireFailure): RefreshVerdict {
  const tokens = answer.status === 200 && 'body' in answer && parseTokenResponse(answer.body, oauthFields);
  if (tokens) return { kind: 'success', tokens };
  const { status } = answer;
  if (status === 403) return { kind: 'refused', error: 'no_entry', message: 'The door stays shut.', status };
  return { kind: 'transient', code: 'ERR_SERVER', message: 'No answer.', status, retryAfter: undefined };
}
