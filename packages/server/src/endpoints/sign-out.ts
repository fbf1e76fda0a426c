import * as v from 'valibot';
import { requireAccessToken } from '../bearer.js';
import { type Call, eventOf } from '../context.js';
import { hashSessionId } from '../events.js';
import { type Answer, badRequest, unavailable } from '../http/answers.js';
import { readRefreshToken } from '../refresh-tokens.js';

const fields = v.object({ refresh: v.optional(v.string()), everywhere: v.optional(v.boolean()) });

/**
 * POST /sign-out: `{refresh}` or an access token, `everywhere` for all of the user's sessions → 204. Any authentic
 * refresh token will do, of whatever generation; repeated, or with one that says nothing, it answers the same.
 * @see RFC 7009 §2.2
 */
export async function signOut(call: Call): Promise<Answer> {
  const { server, now } = call;
  const body = v.safeParse(fields, call.body);
  if (!body.success) throw badRequest('Send {"refresh": "…"}, or Authorization: Bearer, and everywhere: true for all.');
  const sessionId = readSessionId(call, body.output.refresh);
  const found = sessionId === undefined ? undefined : await server.store.sessions.find(sessionId);
  if (found?.session.revokedAt !== null) return { status: 204 };
  const { id, userId } = found.session;
  const type = body.output.everywhere ? 'signed_out_everywhere' : 'signed_out';
  if (body.output.everywhere) await server.store.sessions.revokeAll(userId, type, now);
  else await server.store.sessions.revoke({ sessionId: id, reason: type, now });
  server.emit({ ...eventOf(call), type, userId, session: hashSessionId(id) });
  return { status: 204 };
}

function readSessionId(call: Call, refresh: string | undefined): string | undefined {
  if (refresh === undefined) return requireAccessToken(call).sid;
  const verdict = readRefreshToken(call.server.keys, refresh);
  if (verdict.kind === 'from-the-future') throw unavailable('This node does not know the newest key yet. Try again.');
  return verdict.kind === 'authentic' ? verdict.token.sessionId : undefined;
}
