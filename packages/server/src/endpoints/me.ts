import { isObject } from '@latchkey/protocol';
import { requireSession } from '../bearer.js';
import { type Call, eventOf } from '../context.js';
import { hashSessionId } from '../events.js';
import { type Answer, badRequest, unavailable } from '../http/answers.js';
import { mergePatch, requireSmallProfile } from '../profiles.js';
import { mostTries } from '../refreshing.js';
import { showUser } from '../sessions.js';

/** GET /me → `{id, username, profile}`. */
export async function showMe(call: Call): Promise<Answer> {
  const { user } = await requireSession(call);
  return { status: 200, body: await showUser(call.server, user) };
}

/** PATCH /me: `{profile}`, a merge patch of the profile → `{id, username, profile}`. @see RFC 7396 */
export async function changeMe(call: Call): Promise<Answer> {
  const { user, session } = await requireSession(call);
  const { server } = call;
  const patch = call.body['profile'];
  if (!isObject(patch)) throw badRequest('Send {"profile": {…}}: members to set; null removes one.');
  let current = user.profile;
  for (let attempt = 0; attempt < mostTries; attempt += 1) {
    const next = requireSmallProfile(mergePatch(JSON.parse(current), patch));
    if (await server.store.users.updateProfile(user.id, { expected: current, next })) {
      server.emit({ ...eventOf(call), type: 'profile_changed', userId: user.id, session: hashSessionId(session.id) });
      return { status: 200, body: await showUser(server, { ...user, profile: next }) };
    }
    current = (await server.store.users.find(user.id))?.profile ?? current;
  }
  throw unavailable('Others are changing this profile. Try again.');
}
