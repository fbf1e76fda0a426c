import * as v from 'valibot';
import { mailOneTimeToken, mayMail, requireMailing } from '../account-mail.js';
import { requireSession } from '../bearer.js';
import { type Call, eventOf } from '../context.js';
import { type Answer, badRequest } from '../http/answers.js';
import { findOneTimeToken, refuseOneTimeToken } from '../presented-tokens.js';

const fields = v.object({ token: v.optional(v.string()) });

/**
 * POST /verify: the access token and `{}` → 202, and a mail with a link; `{token}` from that link → 204, also when
 * repeated. The token needs no access token beside it: mail is often read elsewhere.
 */
export async function verifyEmail(call: Call): Promise<Answer> {
  requireMailing(call, 'verify_email');
  const body = v.safeParse(fields, call.body);
  if (!body.success) throw badRequest('Send {"token": "…"}, or Authorization: Bearer and {} to get a mail.');
  return body.output.token === undefined ? askForMail(call) : confirm(call, body.output.token);
}

async function askForMail(call: Call): Promise<Answer> {
  const { user } = await requireSession(call);
  if (await mayMail(call, 'verify_email', user.username)) {
    mailOneTimeToken(call, 'verify_email', () => call.server.store.users.find(user.id));
  }
  return { status: 202 };
}

async function confirm(call: Call, text: string): Promise<Answer> {
  const { store, emit } = call.server;
  const { tokenHash, userId, email } = await findOneTimeToken(call, 'verify_email', text);
  if (await store.oneTimeTokens.verifyEmail(tokenHash, call.now)) {
    emit({ ...eventOf(call), type: 'email_verified', userId });
    return { status: 204 };
  }
  // It has been used: by this very page, whose answer was lost, if the address is the verified one.
  const user = await store.users.find(userId);
  if (user?.verifiedEmail !== email) throw refuseOneTimeToken(call, 'verify_email');
  return { status: 204 };
}
