import * as v from 'valibot';
import { mailOneTimeToken, mailPasswordChanged, mayMail, requireMailing } from '../account-mail.js';
import { type Call, eventOf } from '../context.js';
import { signInCounters } from '../core/sign-in-throttle.js';
import { canonicalUsername } from '../core/user-name.js';
import { addressName, countAttempt, invalidUsername, requireGoodPassword, throttleName } from '../credentials.js';
import { describeError, toLogLine } from '../events.js';
import { type Answer, badRequest } from '../http/answers.js';
import type { UserRow } from '../ports.js';
import { findOneTimeToken, refuseOneTimeToken } from '../presented-tokens.js';

/** A reset has one more try when another request with the same token was quicker. */
const mostTries = 2;

const forgotFields = v.object({ username: v.string() });
const resetFields = v.object({ token: v.string(), next: v.string() });

/**
 * POST /password/forgot: `{username}` → 202, whether there is such an account, it has an address, or too many have
 * asked. Everything that depends on the account happens after the answer.
 */
export async function forgotPassword(call: Call): Promise<Answer> {
  requireMailing(call, 'reset_password');
  const fields = v.safeParse(forgotFields, call.body);
  if (!fields.success) throw badRequest('Send {"username": "…"}, a string.');
  const canonical = canonicalUsername(fields.output.username);
  if (canonical === undefined) throw invalidUsername();
  if (await mayMail(call, 'reset_password', canonical)) {
    mailOneTimeToken(call, 'reset_password', () => call.server.store.users.findByName(canonical));
  }
  return { status: 202 };
}

/**
 * POST /password/reset: `{token, next}` → 204; all sessions of the user end. Sent again with the same password, it
 * answers the same: the first answer may have been lost. A password that is refused does not use the token up.
 */
export async function resetPassword(call: Call): Promise<Answer> {
  requireMailing(call, 'reset_password');
  const { server, now } = call;
  const fields = v.safeParse(resetFields, call.body);
  if (!fields.success) throw badRequest('Send {"token": "…", "next": "…"}, both strings.');
  for (let tries = 0; tries < mostTries; tries += 1) {
    const token = await findOneTimeToken(call, 'reset_password', fields.output.token);
    const user = await server.store.users.find(token.userId);
    const isUsed = token.usedAt !== null;
    // A password that was changed since then makes the token, or the repetition, void. Or another request with the token
    // was quicker, between the two reads: then the next try finds it used.
    if (user?.credentialVersion !== token.credentialVersion + (isUsed ? 1 : 0)) continue;
    const password = await requireGoodPassword(call, fields.output.next, user.username);
    if (isUsed) {
      if (await isPasswordOf(call, user, password)) return { status: 204 };
      break;
    }
    const { tokenHash } = token;
    const passwordHash = await server.hasher.hash(password);
    if (await server.store.oneTimeTokens.resetPassword({ tokenHash, passwordHash, now })) {
      server.emit({ ...eventOf(call), type: 'password_reset', userId: user.id });
      mailPasswordChanged(call, user);
      await welcomeBack(call, user);
      return { status: 204 };
    }
  }
  throw refuseOneTimeToken(call, 'reset_password');
}

/** Counted as a sign-in is: a used token must be no way to guess at a password. @throws OAuthError 429 */
async function isPasswordOf(call: Call, user: UserRow, password: string): Promise<boolean> {
  const counters = countersOf(call, user);
  await countAttempt(call, counters);
  const isIt = await call.server.hasher.verify(password, user.passwordHash ?? undefined);
  if (isIt) await call.server.store.throttle.forgive(counters, call.now);
  return isIt;
}

/**
 * Who mistyped the old password until they were throttled can sign in with the new one at once, from where they are. A
 * failure is for the log alone: the reset is done.
 */
async function welcomeBack(call: Call, user: UserRow): Promise<void> {
  const { server, requestId } = call;
  const pair = countersOf(call, user)[0];
  const attempts = pair ? Array.from({ length: Math.min(pair.atMost, 100) }, () => pair) : [];
  try {
    await server.store.throttle.forgive(attempts, call.now);
  } catch (error) {
    const line = { event: 'forgive_failed', request_id: requestId, ...describeError(error) };
    server.logger.error(toLogLine(line), 'forgive_failed');
  }
}

function countersOf(call: Call, { username }: UserRow) {
  const attempt = { account: throttleName(username), address: addressName(call), knownDevice: undefined };
  return signInCounters(attempt, call.server.settings.throttle);
}
