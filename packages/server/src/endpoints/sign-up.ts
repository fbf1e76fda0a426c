import { mailOneTimeToken, mailedPage } from '../account-mail.js';
import { type Call, eventOf } from '../context.js';
import { signUpCounters } from '../core/sign-in-throttle.js';
import { addressName, countAttempt, readCredentials, requireGoodPassword, wrongCredentials } from '../credentials.js';
import { hashSessionId } from '../events.js';
import { type Answer, OAuthError } from '../http/answers.js';
import { requireSmallProfile } from '../profiles.js';
import { findReplaced, openSession, sessionBody } from '../sessions.js';

/** POST /sign-up: `{username, password, profile?}` → 201 session. */
export async function signUp(call: Call): Promise<Answer> {
  const { server, now } = call;
  if (server.authenticate) {
    throw new OAuthError(404, 'not_found', {
      description: 'Accounts are made elsewhere: this server only checks them.',
    });
  }
  const { canonical, password: typed, profile = {}, replaces } = readCredentials(call);
  const profileText = requireSmallProfile(profile);
  const password = await requireGoodPassword(call, typed, canonical);
  await countAttempt(call, signUpCounters(addressName(call), server.settings.throttle));
  const id = Buffer.from(server.random.bytes(16)).toString('base64url');
  const passwordHash = await server.hasher.hash(password);
  const user = { id, username: canonical, passwordHash, profile: profileText, createdAt: now };
  if (!(await server.store.users.create(user))) {
    throw new OAuthError(409, 'username_taken', {
      description: 'That user name is taken. Choose another, or sign in.',
    });
  }
  const replaced = await findReplaced(server, replaces);
  const session = await openSession(call, { id, credentialVersion: 0 }, replaced?.session.id);
  if (!session) throw wrongCredentials();
  server.emit({
    ...eventOf(call),
    type: 'signed_up',
    userId: id,
    session: hashSessionId(session.authorised.session.id),
  });
  if (mailedPage(server, 'verify_email') !== undefined) {
    mailOneTimeToken(call, 'verify_email', () => ({ ...user, epoch: 0, credentialVersion: 0, verifiedEmail: null }));
  }
  return { status: 201, body: await sessionBody(call, session) };
}
