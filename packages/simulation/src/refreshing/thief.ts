import type { RefreshVerdict } from '@latchkey/client/core';
import type { SessionRow } from '@latchkey/server';
import { writeDatabase } from './database.js';
import { judgeServed, noteBroken } from './properties.js';
import { type Served, nameOf, serveRefresh } from './server.js';
import { hashOf, readChain, readToken } from './symbolic-tokens.js';
import type { Context } from './tab.js';
import type { Message, Thief, World } from './world.js';

/** A thief copies localStorage: the current refresh token, and no key. */
export function steal(world: World): World {
  const token = world.copy?.session?.refreshToken;
  return token === undefined ? world : { ...world, thief: newThief(token) };
}

/**
 * A thief has seen one whole request: the token and the idempotency key that goes with it. Until the owner's next rotation
 * it can be repeated, so only what the owner does after that shows both going on.
 */
export function capture(world: World, { token, key }: Message): World {
  const thief = newThief(token);
  return { ...world, thief: { ...thief, captured: key, since: thief.since + 1 } };
}

const newThief = (token: string): Thief => ({
  token,
  captured: undefined,
  since: readToken(token).path.length,
  hasActed: false,
  thiefWentOn: false,
  ownerWentOn: false,
});

/**
 * The thief presents what they hold: a captured request word for word first, then with a key of their own. A repeat of the
 * owner's own request is a known limit and no going on; what is done with what it brought is.
 */
export function refreshAsThief(world: World, { context, final }: { context: Context; final: boolean }): World {
  const { thief } = world;
  if (!thief) return world;
  const { rules, scope, sights } = context;
  const key = thief.captured ?? rules.thiefKey;
  const node = { mintingKeyId: world.mintingKeyId, highestKeyId: scope.keyRotation ? 2 : 1 };
  const served = serveRefresh(world.database, { token: thief.token, key, final }, { rules, node, chain: scope.chain });
  sights.push({ kind: 'outcome', outcome: nameOf(served, { token: thief.token, key, final }), by: 'thief' });
  const before = world.database[readToken(thief.token).session];
  const isOwnKey = thief.captured === undefined;
  noteBroken(sights, judgeServed(served, before) ?? (isOwnKey ? judgeOwnKey(served, { before, thief }) : undefined));
  const { verdict } = served.answer;
  const wentOn = isOwnKey && verdict.kind === 'success';
  const next: Thief = {
    ...thief,
    captured: undefined,
    token: broughtBy(verdict) ?? thief.token,
    hasActed: thief.hasActed || wentOn,
    thiefWentOn: thief.thiefWentOn || wentOn,
  };
  const written = writeDatabase(world, served.database, { context, keep: served.outcome === 'rotate' });
  return { ...written, thief: next };
}

/** What a thief goes on with: tokens, or the next step up of a 409. */
function broughtBy(verdict: RefreshVerdict): string | undefined {
  if (verdict.kind === 'success') return verdict.tokens.refreshToken;
  return verdict.kind === 'superseded' ? verdict.refresh : undefined;
}

/** A key of the thief's own is nobody's retry, and betrays a token that the server remembers. */
function judgeOwnKey(
  { outcome }: Served,
  { before, thief }: { before: SessionRow | undefined; thief: Thief },
): string | undefined {
  if (outcome === 'repeat' || outcome === 'stale') return "theft is detected: a thief's key was taken for the owner's";
  const { session, path } = readToken(thief.token);
  const isRemembered = before && readChain(before.chain).some(({ tokenHash }) => tokenHash === hashOf(session, path));
  return outcome === 'old' && isRemembered ? 'theft is detected: a token that is remembered was called old' : undefined;
}

/** Somebody makes a token up: the tag is wrong, or there is no such session. */
export function makeUp(world: World, { rules, scope, sights }: Context): World {
  const presented = { token: 'z:@1', key: rules.thiefKey, final: false };
  const node = { mintingKeyId: 1, highestKeyId: 1 };
  const served = serveRefresh(world.database, presented, { rules, node, chain: scope.chain });
  sights.push({ kind: 'outcome', outcome: nameOf(served, presented), by: 'thief' });
  return world;
}

/** Notes that the owner was granted a refresh that comes after the theft. */
export function ownerWentOn(world: World, { token }: Message): World {
  const { thief } = world;
  const { session, path } = readToken(token);
  if (!thief || readToken(thief.token).session !== session || path.length < thief.since) return world;
  return { ...world, thief: { ...thief, ownerWentOn: true } };
}
