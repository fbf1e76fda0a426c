import type { Call } from '../context.js';
import type { Answer } from '../http/answers.js';
import { readPresentedToken, refreshSession } from '../refreshing.js';
import { sessionBody } from '../sessions.js';

/** POST /refresh: `{refresh, final?, idle_for_seconds?}` and Idempotency-Key → session. */
export async function refresh(call: Call): Promise<Answer> {
  const session = await refreshSession(call, readPresentedToken(call));
  return { status: 200, body: await sessionBody(call, session) };
}
