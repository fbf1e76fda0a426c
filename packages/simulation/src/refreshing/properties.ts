import type { SessionRow } from '@latchkey/server';
import { type Served, hasEnded, isNewest } from './server.js';
import { readToken } from './symbolic-tokens.js';
import type { Sight, World } from './world.js';

/** Notes that an invariant broke, if one did. */
export function noteBroken(sights: Sight[], property: string | undefined): void {
  if (property !== undefined) sights.push({ kind: 'broken', property });
}

/** Judges what an event brought to light: the invariant that it breaks, in words. */
export function judgeSights(sights: readonly Sight[], after: World): string | undefined {
  for (const sight of sights) {
    const broken = judgeSight(sight, after);
    if (broken !== undefined) return broken;
  }
  return undefined;
}

function judgeSight(sight: Sight, { thief, database }: World): string | undefined {
  switch (sight.kind) {
    case 'broken':
      return sight.property;
    case 'outcome':
      // Where nobody else has gone on from the owner's tokens, whoever presents one is the owner.
      if (sight.by === 'thief' || thief?.hasActed) return undefined;
      return /^(reused|invalid)/.test(sight.outcome)
        ? `no spurious sign-out: the owner's refresh was called ${sight.outcome}`
        : undefined;
    case 'signed-out':
      if (sight.reason !== 'refused' || !isLive(database[sight.session])) return undefined;
      return 'no spurious sign-out: a tab ended a session that lives';
  }
}

const isLive = (row: SessionRow | undefined): boolean => row !== undefined && !hasEnded(row);

/** Judges what a server did with a refresh, whoever sent it: the invariant that it breaks, in words. */
export function judgeServed(served: Served, before: SessionRow | undefined): string | undefined {
  const isGranted = served.answer.verdict.kind === 'success';
  const row = before && served.database[before.id];
  if (isGranted && (before === undefined || hasEnded(before)))
    return 'sign-out is final: an ended session was refreshed';
  if (isGranted && !isNewest(served)) return 'one leaf: another token than the newest was given';
  if (!served.isTrue) return 'one leaf: a token says another generation or key than it has';
  return before?.absoluteExpiresAt === row?.absoluteExpiresAt
    ? undefined
    : 'rotation never moves the absolute expiry: it was moved';
}

/** Judges a world by itself: the invariant that it breaks, in words. */
export function judgeWorld(world: World): string | undefined {
  if (isUndetected(world)) return 'theft is detected: thief and owner both go on';
  return judgeRecord(world) ?? judgeCopy(world);
}

function judgeRecord({ record, over, database }: World): string | undefined {
  if (record?.ended?.reason === 'user' && !over.includes(record.ended.sessionId)) {
    return 'sign-out is final: it ended another session than the one it was meant for';
  }
  const session = record?.session;
  if (!session) return undefined;
  if (over.includes(session.id)) return 'sign-out is final: a session that was ended here is back';
  if (readToken(session.refreshToken).session !== session.id) return "convergence: one session has another's tokens";
  return session.user?.id === database[session.id]?.userId ? undefined : "convergence: another's user is shown";
}

function judgeCopy({ copy, record, unwritten }: World): string | undefined {
  const isSame = copy?.epoch === record?.epoch && copy?.session?.id === record?.session?.id;
  return isSame || unwritten.length > 0 ? undefined : 'convergence: localStorage shows another session than the record';
}

/** Whether both go on, each with tokens of their own, and nobody has noticed. */
function isUndetected({ thief, database }: World): boolean {
  return (
    thief !== undefined && thief.thiefWentOn && thief.ownerWentOn && isLive(database[readToken(thief.token).session])
  );
}
