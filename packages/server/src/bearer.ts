import type { VerifiedClaims } from './access-tokens.js';
import type { Call } from './context.js';
import { endedBecause } from './core/session-row.js';
import { type OAuthError, badRequest, unauthorized } from './http/answers.js';
import type { AuthorisedSession } from './ports.js';

/**
 * Reads the access token of a call; says nothing about whether its session still lives.
 * @throws OAuthError 401 without a code when none came, 400 when two did, 401 invalid_token when it is not good
 */
export function requireAccessToken({ request, server, now }: Call): VerifiedClaims {
  const header = request.headers.get('authorization');
  if (header === null) throw unauthorized('unauthorized', 'Send Authorization: Bearer and the access token.');
  const match = /^bearer +([\w.~+/-]+=*)$/i.exec(header);
  if (!match && header.includes(',')) throw badRequest('Send Authorization once, with one token.');
  const claims = server.accessTokens.verify(match?.[1] ?? '', now);
  if (!claims) throw badToken();
  return claims;
}

/** Reads the access token and the session behind it. @throws OAuthError as above, and 401 once the session has ended */
export async function requireSession(call: Call): Promise<AuthorisedSession> {
  const claims = requireAccessToken(call);
  const found = await call.server.store.sessions.find(claims.sid);
  if (!found || endedBecause(found.session, call.now)) throw badToken();
  // A token signed before everything was ended at once has an older epoch, whatever the clocks say.
  if (found.user.id !== claims.sub || found.user.epoch > claims.epoch) throw badToken();
  return found;
}

const badToken = (): OAuthError =>
  unauthorized(
    'invalid_token',
    'The access token is not valid or no longer valid. Refresh, and send the request again.',
  );
