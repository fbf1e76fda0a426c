import { requireSession } from '../bearer.js';
import { type Call, eventOf } from '../context.js';
import type { SessionRow } from '../core/session-row.js';
import { hashSessionId } from '../events.js';
import { type Answer, OAuthError } from '../http/answers.js';

/** GET /sessions → `{sessions: [...]}`: where the person is signed in, newest first. Times in seconds since 1970. */
export async function listDevices(call: Call): Promise<Answer> {
  const { session, user } = await requireSession(call);
  const rows = await call.server.store.sessions.listByUser(user.id, call.now);
  return { status: 200, body: { sessions: rows.map((row) => describe(row, session.id)) } };
}

function describe(row: SessionRow, currentId: string): object {
  return {
    id: row.id,
    current: row.id === currentId,
    created_at: row.createdAt,
    refreshed_at: row.refreshedAt,
    active_at: row.activeAt,
    expires_at: Math.min(row.idleExpiresAt, row.absoluteExpiresAt),
    user_agent: row.userAgent,
    ip: row.ip,
    label: row.label,
  };
}

/** DELETE /sessions/{id} → 204, also when repeated. Another person's session answers as one that never was. */
export async function endDevice(call: Call): Promise<Answer> {
  const { user } = await requireSession(call);
  const { sessions } = call.server.store;
  const found = await sessions.find(call.id);
  if (found?.user.id !== user.id) throw new OAuthError(404, 'not_found', { description: 'You have no such session.' });
  const sessionId = found.session.id;
  const ended = await sessions.revoke({ sessionId, reason: 'ended_by_user', now: call.now, ifUserId: user.id });
  if (ended) {
    call.server.emit({ ...eventOf(call), type: 'session_ended', userId: user.id, session: hashSessionId(sessionId) });
  }
  return { status: 204 };
}
