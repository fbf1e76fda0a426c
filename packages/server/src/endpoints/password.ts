import * as v from 'valibot';
import { mailPasswordChanged } from '../account-mail.js';
import { type Call, eventOf } from '../context.js';
import { decide } from '../core/rotation.js';
import { signInCounters } from '../core/sign-in-throttle.js';
import {
  addressName,
  countAttempt,
  requireGoodPassword,
  requireReadable,
  throttleName,
  wrongCredentials,
} from '../credentials.js';
import { hashSessionId } from '../events.js';
import { type Answer, OAuthError, badRequest, unavailable } from '../http/answers.js';
import type { AuthorisedSession, UserRow } from '../ports.js';
import { finish, mostTries, type PresentedToken, readPresentedToken, settle } from '../refreshing.js';
import { sessionBody } from '../sessions.js';

const fields = v.object({ current: v.string(), next: v.string() });

/** What the passwords of a call turned out to be. */
interface CheckedPasswords {
  readonly current: string;
  readonly next: string;
}

/**
 * POST /password: `{current, next, refresh}` and Idempotency-Key → the same session, rotated; all others end. Sent
 * again after a lost answer, it answers again: the rotation is a repeat, and the password is `next` by then.
 */
export async function changePassword(call: Call): Promise<Answer> {
  const { server } = call;
  if (server.authenticate) {
    throw new OAuthError(404, 'not_found', { description: 'Passwords are kept elsewhere: change it there.' });
  }
  const body = v.safeParse(fields, call.body);
  if (!body.success) throw badRequest('Send {"current": "…", "next": "…", "refresh": "…"}, all strings.');
  const presented = readPresentedToken(call);
  for (let attempt = 0; attempt < mostTries; attempt += 1) {
    const found = await server.store.sessions.find(presented.token.sessionId);
    const outcome = decide(found?.session, presented.rotation.request, call.now);
    if (!found || (outcome.kind !== 'rotate' && outcome.kind !== 'repeat')) {
      if (outcome.kind !== 'rotate' && outcome.kind !== 'repeat') await settle(call, presented, { outcome, found });
      continue;
    }
    const passwords = {
      current: requireReadable(body.output.current),
      next: await requireGoodPassword(call, body.output.next, found.user.username),
    };
    const isRepeat = outcome.kind === 'repeat';
    const changed = await changeOnce(call, presented, { found, passwords, isRepeat });
    if (!changed) continue;
    const successor = isRepeat ? outcome.successor : changed.session;
    const opened = finish(call, presented, { authorised: changed, successor, how: isRepeat ? 'repeat' : 'rotated' });
    return { status: 200, body: await sessionBody(call, opened) };
  }
  throw unavailable('Others are writing to this session. Try again.');
}

/** One try. `undefined` if another request was quicker. @throws OAuthError 401 or 429 */
async function changeOnce(
  call: Call,
  presented: PresentedToken,
  state: { found: AuthorisedSession; passwords: CheckedPasswords; isRepeat: boolean },
): Promise<AuthorisedSession | undefined> {
  const { server, now } = call;
  const { found, passwords, isRepeat } = state;
  const user = await server.store.users.find(found.user.id);
  if (!user) return undefined;
  const verdict = await checkPasswords(call, user, state);
  if (verdict === 'overtaken') return undefined;
  if (verdict === 'done-already') return found;
  const changed = await server.store.sessions.changePassword({
    userId: user.id,
    credentialVersion: user.credentialVersion,
    passwordHash: await server.hasher.hash(passwords.next),
    now,
    sessionId: found.session.id,
    ...(!isRepeat && { rotation: presented.rotation }),
  });
  if (changed) {
    const session = hashSessionId(found.session.id);
    server.emit({ ...eventOf(call), type: 'password_changed', userId: user.id, session });
    mailPasswordChanged(call, user);
  }
  return changed;
}

/**
 * Checks the current password. In a repeat it may be `next` already: then this very change was made and its answer
 * lost. (It may also not: a refresh with the same key can have rotated first.) So may it be where a duplicate of this
 * request was decided after the session was read and before the user was: then the session has moved on.
 */
async function checkPasswords(
  call: Call,
  user: UserRow,
  { found, passwords, isRepeat }: { found: AuthorisedSession; passwords: CheckedPasswords; isRepeat: boolean },
): Promise<'change' | 'done-already' | 'overtaken'> {
  const { server } = call;
  const knownDevice = throttleName(found.session.id);
  const attempt = { account: throttleName(user.username), address: addressName(call), knownDevice };
  const counters = signInCounters(attempt, server.settings.throttle);
  await countAttempt(call, counters);
  const hash = user.passwordHash ?? undefined;
  const isCurrent = await server.hasher.verify(passwords.current, hash);
  const isNext = !isCurrent && (await server.hasher.verify(passwords.next, hash));
  const isOvertaken = isNext && !isRepeat && (await hasMovedOn(call, found));
  if (!isCurrent && !isOvertaken && !(isNext && isRepeat)) {
    server.emit({ ...eventOf(call), type: 'password_change_failed', userId: user.id });
    throw wrongCredentials();
  }
  await server.store.throttle.forgive(counters, call.now);
  if (isOvertaken) return 'overtaken';
  return isCurrent ? 'change' : 'done-already';
}

async function hasMovedOn({ server }: Call, { session }: AuthorisedSession): Promise<boolean> {
  const found = await server.store.sessions.find(session.id);
  return found?.session.generation !== session.generation;
}
