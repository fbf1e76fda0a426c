import { type Call, eventOf } from '../context.js';
import { signInCounters } from '../core/sign-in-throttle.js';
import { canonicalUsername } from '../core/user-name.js';
import {
  addressName,
  countAttempt,
  readCredentials,
  requireReadable,
  throttleName,
  wrongCredentials,
} from '../credentials.js';
import { BusyError } from '../errors.js';
import { hashSessionId } from '../events.js';
import type { Answer } from '../http/answers.js';
import type { AuthorisedSession, ThrottleCounter, UserRow } from '../ports.js';
import { findReplaced, openSession, type OpenedSession, sessionBody } from '../sessions.js';

/** A sign-in of ours has one more try when the user row changed while the password was checked. */
const mostTries = 2;

/** POST /sign-in: `{username, password, replaces?}` → session. Unknown user and wrong password are alike. */
export async function signIn(call: Call): Promise<Answer> {
  const { server } = call;
  const { username, password: typed, canonical, replaces } = readCredentials(call);
  const password = requireReadable(typed);
  const replaced = await findReplaced(server, replaces);
  const known = server.authenticate ? undefined : await server.store.users.findByName(canonical);
  const counters = countersOf(call, canonical, replaced);
  await countAttempt(call, counters);
  const session = server.authenticate
    ? await signInElsewhere(call, { username, password }, replaced)
    : await signInHere(call, { known, canonical, password, replaced });
  if (!session) {
    server.emit({ ...eventOf(call), type: 'sign_in_failed', ...(known && { userId: known.id }) });
    throw wrongCredentials();
  }
  await server.store.throttle.forgive(counters, call.now);
  const { id, userId } = session.authorised.session;
  server.emit({ ...eventOf(call), type: 'signed_in', userId, session: hashSessionId(id) });
  return { status: 200, body: await sessionBody(call, session) };
}

/** A device is known by a session of that very user, ended by time or not, but not by theft or sign-out. */
function countersOf(call: Call, canonical: string, replaced: AuthorisedSession | undefined): ThrottleCounter[] {
  const isKnown = replaced?.session.revokedAt === null && canonicalUsername(replaced.user.username) === canonical;
  const attempt = {
    account: throttleName(canonical),
    address: addressName(call),
    knownDevice: isKnown ? throttleName(replaced.session.id) : undefined,
  };
  return signInCounters(attempt, call.server.settings.throttle);
}

interface LocalAttempt {
  readonly known: UserRow | undefined;
  readonly canonical: string;
  readonly password: string;
  readonly replaced: AuthorisedSession | undefined;
}

/** Checks the password, then inserts at the credential version that it was checked at. */
async function signInHere(call: Call, attempt: LocalAttempt): Promise<OpenedSession | undefined> {
  const { hasher, store } = call.server;
  let user = attempt.known;
  let checked: string | null | undefined;
  for (let tries = 0; tries < mostTries; tries += 1) {
    const passwordHash = user?.passwordHash ?? undefined;
    if (checked !== passwordHash || !user || passwordHash === undefined) {
      if (!(await hasher.verify(attempt.password, passwordHash)) || !user) return undefined;
      checked = passwordHash;
    }
    const session = await openSession(call, user, attempt.replaced?.session.id);
    if (session) {
      await rehashIfOutdated(call, user, attempt.password);
      return session;
    }
    user = await store.users.findByName(attempt.canonical);
  }
  return undefined;
}

/** Sign-in is the one moment at which the password is at hand. Too busy: the next sign-in does it. */
async function rehashIfOutdated({ server }: Call, user: UserRow, password: string): Promise<void> {
  const { hasher, store } = server;
  if (user.passwordHash === null || !hasher.isOutdated(user.passwordHash)) return;
  try {
    const next = await hasher.hash(password);
    await store.users.rehash(user.id, { expected: user.passwordHash, next });
  } catch (error) {
    if (!(error instanceof BusyError)) throw error;
  }
}

async function signInElsewhere(
  call: Call,
  credentials: { username: string; password: string },
  replaced: AuthorisedSession | undefined,
): Promise<OpenedSession | undefined> {
  const found = await call.server.authenticate?.(credentials);
  if (!found) return undefined;
  const { id, username, profile = {} } = found;
  const mirrored = await call.server.store.users.mirror({
    id,
    username,
    profile: JSON.stringify(profile),
    createdAt: call.now,
  });
  return openSession(call, mirrored, replaced?.session.id);
}
