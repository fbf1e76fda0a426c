import { isObject } from '@latchkey/protocol';
import { addressAsShown } from '../account-mail.js';
import { requireSession } from '../bearer.js';
import { type Call, type ServerContext, eventOf } from '../context.js';
import { hashSessionId } from '../events.js';
import { type Answer, badRequest, unavailable } from '../http/answers.js';
import type { AuthorisedUser } from '../ports.js';
import { mergePatch, requireSmallProfile } from '../profiles.js';
import { mostTries } from '../refreshing.js';
import { showUser } from '../sessions.js';

/** GET /me → `{id, username, profile}`; where mail is sent, also `{email, email_verified}` of who has an address. */
export async function showMe(call: Call): Promise<Answer> {
  const { user } = await requireSession(call);
  return { status: 200, body: await showWithAddress(call.server, user) };
}

/** PATCH /me: `{profile}`, a merge patch of the profile → as GET. @see RFC 7396 */
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
      return { status: 200, body: await showWithAddress(server, { ...user, profile: next }) };
    }
    current = (await server.store.users.find(user.id))?.profile ?? current;
  }
  throw unavailable('Others are changing this profile. Try again.');
}

const showWithAddress = async (server: ServerContext, user: AuthorisedUser): Promise<object> => ({
  ...(await showUser(server, user)),
  ...(await addressAsShown(server, user)),
});
