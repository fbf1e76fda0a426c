import { type EpochSeconds, type Seconds, type SessionBody, type User, formatSessionBody } from '@latchkey/protocol';
import type { Call, ServerContext } from './context.js';
import type { AuthorisedSession, AuthorisedUser } from './ports.js';
import { hashSecret, readRefreshToken, writeRefreshToken } from './refresh-tokens.js';

/** Far enough to be no limit: the end of the year 9999. */
const never = 253_402_300_799 as EpochSeconds;

/** A session that sign-in has just made. */
export interface OpenedSession {
  readonly authorised: AuthorisedSession;
  readonly refreshToken: string;
}

/**
 * Makes a session for a user whose credentials were checked at `credentialVersion`, and ends the one it replaces.
 * `undefined` if the user is at another version by now: what was checked counts no more.
 */
export async function openSession(
  call: Call,
  user: { id: string; credentialVersion: number },
  replaces?: string,
): Promise<OpenedSession | undefined> {
  const { server, now } = call;
  const { settings, keys, random } = server;
  const sessionId = Buffer.from(random.bytes(16)).toString('base64url');
  const secret = random.bytes(32);
  const absoluteExpiresAt =
    settings.absoluteSeconds === 'off' ? never : ((now + settings.absoluteSeconds) as EpochSeconds);
  const authorised = await server.store.sessions.create(
    {
      id: sessionId,
      userId: user.id,
      tokenHash: hashSecret(secret),
      keyId: keys.mintingKeyId,
      createdAt: now,
      idleExpiresAt: Math.min(absoluteExpiresAt, now + settings.idleSeconds) as EpochSeconds,
      absoluteExpiresAt,
      userAgent: call.userAgent,
      ip: call.address,
      label: null,
    },
    { credentialVersion: user.credentialVersion, ...(replaces !== undefined && { replaces }) },
  );
  if (!authorised) return undefined;
  const refreshToken = writeRefreshToken(keys, { keyId: keys.mintingKeyId, sessionId, generation: 0, secret });
  return { authorised, refreshToken };
}

/** The body of a session answer, with a fresh access token. */
export async function sessionBody(call: Call, { authorised, refreshToken }: OpenedSession): Promise<SessionBody> {
  const { server, now } = call;
  const { session, user } = authorised;
  const shown = await showUser(server, user);
  const extra = server.claims && (await server.claims(toUser(user)));
  const access = server.accessTokens.mint(authorised, now, extra);
  return formatSessionBody({
    accessToken: access.text,
    refreshToken,
    expiresIn: access.expiresIn,
    refreshExpiresIn: (Math.min(session.idleExpiresAt, session.absoluteExpiresAt) - now) as Seconds,
    user: shown,
  });
}

/** The user as answers show it: through the app's `profile` hook, where there is one. */
export async function showUser(server: ServerContext, row: AuthorisedUser): Promise<User> {
  const user = toUser(row);
  return server.profile ? { ...user, profile: await server.profile(user) } : user;
}

/** A user as hooks get it. */
export const toUser = ({ id, username, profile }: AuthorisedUser): User => ({
  id,
  username,
  profile: JSON.parse(profile) as unknown,
});

/**
 * The session that a `replaces` token speaks of, if the token is authentic and the session exists. Anything else counts
 * as absent: a left-over in somebody's storage must not keep them from signing in.
 */
export async function findReplaced(server: ServerContext, text: string | undefined) {
  const verdict = text === undefined ? undefined : readRefreshToken(server.keys, text);
  if (verdict?.kind !== 'authentic') return undefined;
  return server.store.sessions.find(verdict.token.sessionId);
}
