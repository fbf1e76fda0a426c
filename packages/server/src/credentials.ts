import { hash } from 'node:crypto';
import { isObject } from '@latchkey/protocol';
import * as v from 'valibot';
import type { Call } from './context.js';
import { eventOf } from './context.js';
import {
  type PasswordVerdict,
  fewestCharacters,
  judgeNewPassword,
  mostBytes,
  readPassword,
} from './core/password-policy.js';
import { throttledAddress } from './core/sign-in-throttle.js';
import { canonicalUsername, longestUsername } from './core/user-name.js';
import { type OAuthError, badRequest, tooManyAttempts, unauthorized } from './http/answers.js';
import type { ThrottleCounter } from './ports.js';

const credentialFields = v.object({
  username: v.string(),
  password: v.string(),
  replaces: v.optional(v.string()),
  // v.record would take a list.
  profile: v.optional(v.custom<Record<string, unknown>>(isObject)),
});

/** Reads a user name and a password. @throws OAuthError 400 */
export function readCredentials(call: Call): v.InferOutput<typeof credentialFields> & { canonical: string } {
  const fields = v.safeParse(credentialFields, call.body);
  if (!fields.success) throw badRequest('Send {"username": "…", "password": "…"}, both strings.');
  const canonical = canonicalUsername(fields.output.username);
  if (canonical !== undefined) return { ...fields.output, canonical };
  throw invalidUsername();
}

/** The refusal of a user name that nobody can have. */
export const invalidUsername = (): OAuthError =>
  badRequest(`A user name has 1 to ${longestUsername} visible characters.`, 'invalid_username');

/** Brings a typed password into the form that is checked. @throws OAuthError 400 before any hashing */
export function requireReadable(typed: string): string {
  return requireOk(readPassword(typed));
}

/** Judges a password that is to be set. @throws OAuthError 400 before any hashing */
export async function requireGoodPassword(call: Call, typed: string, username: string): Promise<string> {
  return requireOk(judgeNewPassword(typed, username, await call.server.commonPasswords()));
}

const remedies: Readonly<Record<Exclude<PasswordVerdict['kind'], 'ok'>, string>> = {
  malformed: 'The password has half a character (a lone surrogate). Type it again.',
  too_long: `The password may have ${mostBytes} bytes.`,
  too_short: `The password must have at least ${fewestCharacters} characters.`,
  too_common: 'The password is one of the first that anybody would try. Choose another.',
  like_username: 'The password must not be the user name. Choose another.',
};

function requireOk(verdict: PasswordVerdict): string {
  if (verdict.kind === 'ok') return verdict.password;
  throw badRequest(remedies[verdict.kind], 'invalid_password');
}

/** What counters know a name or an address by. */
export const throttleName = (text: string): string => hash('sha256', text, 'base64url').slice(0, 22);

/** What counters know the caller's address by. */
export const addressName = (call: Call): string => throttleName(throttledAddress(call.address));

/** Counts an attempt before anything is hashed for it. @throws OAuthError 429 with Retry-After */
export async function countAttempt(call: Call, counters: readonly ThrottleCounter[]): Promise<void> {
  const endsAt = await call.server.store.throttle.count(counters, call.now);
  if (endsAt === undefined) return;
  call.server.emit({ ...eventOf(call), type: 'throttled', reason: counters[0]?.key.split(':')[0] ?? '' });
  const wait = Math.max(1, endsAt - call.now);
  const minutes = Math.ceil(wait / 60);
  throw tooManyAttempts(`Too many attempts. Try again in ${minutes} min. Who is signed in stays signed in.`, wait);
}

/** The one answer for a wrong password and an unknown user. */
export const wrongCredentials = (): OAuthError =>
  unauthorized('invalid_credentials', 'The user name or the password is wrong.');
