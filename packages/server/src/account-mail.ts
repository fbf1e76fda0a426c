import { type Call, type ServerContext, eventOf } from './context.js';
import { isEmailAddress } from './core/email-address.js';
import { mailCounters } from './core/sign-in-throttle.js';
import { addressName, throttleName } from './credentials.js';
import { describeError, toLogLine } from './events.js';
import { OAuthError } from './http/answers.js';
import { type MailKind, composeMail } from './mails.js';
import { makeOneTimeToken, oneTimeLifetimes } from './one-time-tokens.js';
import type { AuthorisedUser, OneTimePurpose, UserRow } from './ports.js';
import { toUser } from './sessions.js';

/** What became of a request for a mail; for the event alone. */
type MailOutcome = 'sent' | 'failed' | 'unknown_user' | 'no_address' | 'verified_already';

/** The page that a purpose's mails lead to; `undefined` where such mails are not sent. */
export function mailedPage({ sendMail, settings, authenticate }: ServerContext, purpose: OneTimePurpose) {
  if (!sendMail) return undefined;
  if (purpose === 'verify_email') return settings.verifyLink;
  return authenticate ? undefined : settings.resetLink;
}

/** @throws OAuthError 404 where mails of that purpose are not sent, saying what to set */
export function requireMailing({ server }: Call, purpose: OneTimePurpose): void {
  if (mailedPage(server, purpose) !== undefined) return;
  const link = purpose === 'verify_email' ? 'verifyLink' : 'resetLink';
  const description =
    server.authenticate && purpose === 'reset_password'
      ? 'Passwords are kept elsewhere: ask for a new one there.'
      : `This server sends no such mail: its operator has to set sendMail and ${link}.`;
  throw new OAuthError(404, 'not_found', { description });
}

/** The address of a user: what the `emailOf` hook says, or the user name if it is one. */
async function emailOf({ emailOf: hook }: ServerContext, user: AuthorisedUser): Promise<string | undefined> {
  const address = hook ? await hook(toUser(user)) : user.username;
  return address !== undefined && isEmailAddress(address) ? address : undefined;
}

/** What answers say of a user's address, in OpenID Connect's names. Nothing where no mail is sent. */
export async function addressAsShown(
  server: ServerContext,
  user: AuthorisedUser,
): Promise<{ email?: string; email_verified?: boolean }> {
  const email = server.sendMail && (await emailOf(server, user));
  if (email === undefined) return {};
  const verified = (await server.store.users.find(user.id))?.verifiedEmail;
  return { email, email_verified: verified === email };
}

/** Counts a wish for a mail, whether the account exists or not. False if there have been too many; nobody is told. */
export async function mayMail(call: Call, purpose: OneTimePurpose, account: string): Promise<boolean> {
  const who = { purpose, account: throttleName(account), address: addressName(call) };
  const counters = mailCounters(who, call.server.settings.throttle);
  if ((await call.server.store.throttle.count(counters, call.now)) === undefined) return true;
  call.server.emit({ ...eventOf(call), type: 'throttled', reason: 'mail' });
  return false;
}

/** Mails a one-time token, after the answer: whether there is such a user is looked up then, and takes no time now. */
export function mailOneTimeToken(
  call: Call,
  purpose: OneTimePurpose,
  find: () => Promise<UserRow | undefined> | UserRow,
): void {
  const type = purpose === 'reset_password' ? 'password_reset_requested' : 'email_verification_requested';
  call.server.background.run(call.requestId, async () => {
    const user = await find();
    const reason = user ? await issueAndSend(call, purpose, user) : 'unknown_user';
    call.server.emit({ ...eventOf(call), type, reason, ...(user && { userId: user.id }) });
  });
}

async function issueAndSend(call: Call, purpose: OneTimePurpose, user: UserRow): Promise<MailOutcome> {
  const { server, now } = call;
  const page = mailedPage(server, purpose);
  const email = await emailOf(server, user);
  if (page === undefined || email === undefined) return 'no_address';
  if (purpose === 'verify_email' && user.verifiedEmail === email) return 'verified_already';
  const { text: token, tokenHash } = makeOneTimeToken(server.random);
  const { id: userId, credentialVersion } = user;
  const expiresAt = (now + oneTimeLifetimes[purpose]) as typeof now;
  await server.store.oneTimeTokens.issue({ userId, purpose, tokenHash, email, credentialVersion, expiresAt }, now);
  return send(call, purpose, { to: email, page, token });
}

/**
 * Tells a user by mail, after the answer, that the password was changed. The address that was verified comes first:
 * another may be that of whoever took the account over. @see OWASP ASVS 5.0 §6.3.7
 */
export function mailPasswordChanged(call: Call, user: UserRow): void {
  const { server } = call;
  const resetPage = mailedPage(server, 'reset_password');
  const page = resetPage ?? mailedPage(server, 'verify_email');
  if (page === undefined) return;
  server.background.run(call.requestId, async () => {
    const to = user.verifiedEmail ?? (await emailOf(server, user));
    if (to !== undefined) await send(call, 'password_changed', { to, page, canReset: resetPage !== undefined });
  });
}

/** What the hook throws may quote address and mail: the log gets its name and code alone. */
async function send(call: Call, kind: MailKind, mail: Parameters<typeof composeMail>[1]): Promise<MailOutcome> {
  try {
    await call.server.sendMail?.(composeMail(kind, mail));
    return 'sent';
  } catch (error) {
    const line = { event: 'mail_failed', reason: kind, request_id: call.requestId, ...describeError(error) };
    call.server.logger.error(toLogLine(line), 'mail_failed');
    return 'failed';
  }
}
