import { type Call, eventOf } from './context.js';
import { type OAuthError, badRequest } from './http/answers.js';
import { readOneTimeToken } from './one-time-tokens.js';
import type { OneTimePurpose, OneTimeTokenRow } from './ports.js';

/** Finds a presented one-time token, used or not. @throws OAuthError 400 when it is made up, expired or replaced */
export async function findOneTimeToken(call: Call, purpose: OneTimePurpose, text: string): Promise<OneTimeTokenRow> {
  const tokenHash = readOneTimeToken(text);
  const found =
    tokenHash === undefined ? undefined : await call.server.store.oneTimeTokens.find(purpose, tokenHash, call.now);
  if (!found) throw refuseOneTimeToken(call, purpose);
  return found;
}

/** The one refusal of a one-time token: whether it was used, replaced, expired or made up is nobody's business. */
export function refuseOneTimeToken(call: Call, purpose: OneTimePurpose): OAuthError {
  call.server.emit({ ...eventOf(call), type: 'one_time_token_refused', reason: purpose });
  return badRequest(
    'This link does not work any more: it was used, a newer one was sent, or it has expired. Ask for a new one.',
    'invalid_one_time_token',
  );
}
