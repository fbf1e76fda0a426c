import type { EpochSeconds } from '@latchkey/protocol';
import * as v from 'valibot';
import type { Call } from './context.js';
import { decide, type RefreshOutcome, type RefreshRequest, type SuccessorName } from './core/rotation.js';
import { eventOf } from './context.js';
import { hashSessionId, type AuthEventType } from './events.js';
import { OAuthError, badRequest, invalidGrant, tooManyAttempts, unavailable } from './http/answers.js';
import type { AuthorisedSession, Rotation } from './ports.js';
import { type AuthenticRefreshToken, hashSecret, readRefreshToken, writeRefreshToken } from './refresh-tokens.js';
import type { OpenedSession } from './sessions.js';

/** How often a lost race is decided again. */
export const mostTries = 3;

const refreshFields = v.object({
  refresh: v.string(),
  final: v.optional(v.boolean()),
  idle_for_seconds: v.optional(v.pipe(v.number(), v.finite(), v.minValue(0))),
});

/** A presented refresh token, the successor that it and the idempotency key lead to, and the statement for both. */
export interface PresentedToken {
  readonly token: AuthenticRefreshToken;
  readonly successorSecret: Uint8Array;
  readonly rotation: Rotation;
}

/**
 * Reads the refresh token and the idempotency key of a call.
 * @throws OAuthError 400 malformed, 401 forged, 503 when another node knows a newer key id
 */
export function readPresentedToken(call: Call): PresentedToken {
  const fields = v.safeParse(refreshFields, call.body);
  if (!fields.success) throw badRequest('Send {"refresh": "…"}, and final and idle_for_seconds if you use them.');
  const { refresh, final = false, idle_for_seconds: idleFor } = fields.output;
  const verdict = readRefreshToken(call.server.keys, refresh);
  if (verdict.kind === 'from-the-future') throw unavailable('This node does not know the newest key yet. Try again.');
  if (verdict.kind === 'retired') throw refuse(call, 'retired_key');
  if (verdict.kind === 'forged') throw refuse(call, 'invalid');
  const { token } = verdict;
  const key = readIdempotencyKey(call);
  const successorSecret = token.key.derive(refresh, key ?? keyOfServer(call));
  const { settings, keys } = call.server;
  const countedFrom = settings.idleCountedFrom;
  const unreported = countedFrom === 'activity' ? 0 : call.now;
  const request: RefreshRequest = {
    keyId: token.keyId,
    generation: token.generation,
    tokenHash: token.tokenHash,
    successorHash: hashSecret(successorSecret),
    mintingKeyId: keys.mintingKeyId,
    final,
    ...(key === undefined && { keylessLeewaySeconds: settings.keylessLeewaySeconds }),
    idle: { idleSeconds: settings.idleSeconds, countedFrom },
    activeAt: (idleFor === undefined ? unreported : Math.max(0, Math.floor(call.now - idleFor))) as EpochSeconds,
  };
  const { sessionId } = token;
  const { now, address: ip, userAgent } = call;
  return { token, successorSecret, rotation: { sessionId, request, now, ip, userAgent } };
}

function readIdempotencyKey({ request }: Call): string | undefined {
  const key = request.headers.get('idempotency-key');
  if (key === null) return undefined;
  // A key that others could guess would make a thief's refresh a retry of the owner's.
  if (/^[\w-]{16,128}$/.test(key)) return key;
  throw badRequest('Idempotency-Key must have 16 to 128 characters of A–Z, a–z, 0–9, - and _.');
}

/**
 * The key of a refresh that came without one: strict single use by one that nobody can repeat, or, with a leeway, the
 * same for each request. No client can send it: its letters are not allowed there.
 */
function keyOfServer({ server: { settings, random } }: Call): string {
  return settings.keylessLeewaySeconds > 0 ? ':keyless' : Buffer.from(random.bytes(32)).toString('base64url');
}

/** Rotates, or finds out why not. The rules stand once, in `decide`; a race lost to another request is run again. */
export async function refreshSession(call: Call, presented: PresentedToken): Promise<OpenedSession> {
  const { sessions } = call.server.store;
  limitRefreshes(call, presented);
  for (let attempt = 0; attempt < mostTries; attempt += 1) {
    const rotated = await sessions.rotate(presented.rotation);
    if (rotated) return finish(call, presented, { authorised: rotated, successor: rotated.session, how: 'rotated' });
    const found = await sessions.find(presented.token.sessionId);
    const outcome = decide(found?.session, presented.rotation.request, call.now);
    if (found && outcome.kind === 'repeat') {
      limitRepeats(call, found);
      return finish(call, presented, { authorised: found, successor: outcome.successor, how: 'repeat' });
    }
    if (outcome.kind !== 'rotate' && outcome.kind !== 'repeat') await settle(call, presented, { outcome, found });
  }
  throw unavailable('Others are writing to this session. Try again.');
}

/** The tokens of a request that was granted. */
export function finish(
  call: Call,
  presented: PresentedToken,
  granted: { authorised: AuthorisedSession; successor: SuccessorName; how: string },
): OpenedSession {
  const { session } = granted.authorised;
  const refreshToken = writeSuccessor(call, presented, granted.successor);
  call.server.refreshLimiter.count(session.id, call.now);
  report(call, 'refreshed', { session: session.id, userId: session.userId, reason: granted.how });
  return { authorised: granted.authorised, refreshToken };
}

/**
 * Asked after the tag check and before any query. What is tried counts for the token, what is granted for the session: so a
 * stranger spends nothing, and who holds an old token only what is that token's. @throws OAuthError 429
 */
function limitRefreshes(call: Call, { token }: PresentedToken): void {
  const { refreshLimiter } = call.server;
  const ofToken = refreshLimiter.count(token.tokenHash, call.now);
  const waitSeconds = Math.max(ofToken, refreshLimiter.waitOf(token.sessionId, call.now));
  if (waitSeconds > 0) throw putOff(call, waitSeconds, { session: token.sessionId });
}

/** @throws OAuthError 429 */
function limitRepeats(call: Call, { session: { id, userId, generation } }: AuthorisedSession): void {
  const { waitSeconds, isFirstTooMany } = call.server.refreshLimiter.countRepeat(id, generation, call.now);
  if (isFirstTooMany) report(call, 'refresh_repeated_often', { session: id, userId });
  if (waitSeconds > 0) throw putOff(call, waitSeconds, { session: id, userId });
}

function putOff(call: Call, waitSeconds: number, whose: { session: string; userId?: string }): OAuthError {
  report(call, 'throttled', { ...whose, reason: 'refresh' });
  return tooManyAttempts(`This session is refreshed too often. Try again in ${waitSeconds} s.`, waitSeconds);
}

type Refusal = Exclude<RefreshOutcome, { kind: 'rotate' | 'repeat' }>;

/**
 * Answers what was not granted. Returns only where a reuse could not be written because the row has changed: then the
 * caller decides again.
 * @throws OAuthError 401 or 409
 */
export async function settle(
  call: Call,
  presented: PresentedToken,
  { outcome, found }: { outcome: Refusal; found: AuthorisedSession | undefined },
): Promise<void> {
  if (outcome.kind === 'reused' && found) {
    if (await revokeReused(call, presented, found)) throw refuse(call, 'reused', found);
    return;
  }
  if (outcome.kind === 'invalid' || outcome.kind === 'ended' || outcome.kind === 'reused') {
    throw refuse(call, outcome.kind === 'ended' ? outcome.because : outcome.kind, found);
  }
  const refresh = nextUp(call, presented, outcome);
  report(call, 'refreshed', { session: presented.token.sessionId, userId: found?.user.id, reason: outcome.kind });
  throw new OAuthError(409, 'stale_refresh', {
    description: 'This refresh token is not the current one. Go on from the newest that you hold.',
    members: { generation: outcome.generation, ...(refresh !== undefined && { refresh }) },
  });
}

/** What a client that holds no newer token goes on with. */
function nextUp(call: Call, presented: PresentedToken, outcome: Refusal): string | undefined {
  if (outcome.kind === 'stale') return writeSuccessor(call, presented, outcome.successor);
  const { token } = presented;
  return outcome.kind === 'twin'
    ? writeSuccessor(call, { token, successorSecret: token.secret }, outcome.itself)
    : undefined;
}

function writeSuccessor(
  call: Call,
  { token, successorSecret }: Pick<PresentedToken, 'token' | 'successorSecret'>,
  name: SuccessorName,
): string {
  const { keys } = call.server;
  if (!keys.refreshKey(name.keyId)) throw unavailable('This node does not know the newest key yet. Try again.');
  const { generation, keyId } = name;
  return writeRefreshToken(keys, { keyId, sessionId: token.sessionId, generation, secret: successorSecret });
}

/** Two parties hold the session's tokens. Ends it, with both of them in the audit line, in one transaction. */
async function revokeReused(call: Call, { token }: PresentedToken, { session }: AuthorisedSession): Promise<boolean> {
  const { now, requestId, address, userAgent } = call;
  const details = JSON.stringify({
    last: { ip: session.ip, userAgent: session.userAgent, generation: session.generation },
    presented: { ip: address, userAgent, generation: token.generation },
  });
  const id = Buffer.from(call.server.random.bytes(16)).toString('base64url');
  const { id: sessionId, userId } = session;
  return call.server.store.sessions.revoke({
    sessionId,
    reason: 'refresh_reused',
    now,
    ifGeneration: session.generation,
    audit: { id, at: now, type: 'refresh_reused', userId, sessionId, requestId, details },
  });
}

function refuse(call: Call, reason: string, found?: AuthorisedSession): OAuthError {
  const type = reason === 'reused' ? 'refresh_reused' : 'refresh_refused';
  report(call, type, { session: found?.session.id, userId: found?.user.id, reason });
  return invalidGrant();
}

function report(
  call: Call,
  type: AuthEventType,
  { session, userId, reason }: { session?: string | undefined; userId?: string | undefined; reason?: string },
): void {
  call.server.emit({
    ...eventOf(call),
    type,
    ...(reason !== undefined && { reason }),
    ...(session !== undefined && { session: hashSessionId(session) }),
    ...(userId !== undefined && { userId }),
  });
}
