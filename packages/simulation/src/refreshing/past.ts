import type { SessionRecord } from '@latchkey/client/core';
import { type Milliseconds, milliseconds } from '@latchkey/protocol';
import { readChain, readHash, readToken } from './symbolic-tokens.js';
import { type World, now } from './world.js';

/** Longer than any back-off, margin or pause between refreshes: what happened so long ago holds nothing back. */
const longAgo = 120_000;

const recordsOf = (world: World): SessionRecord[] =>
  [
    world.record,
    world.copy,
    world.staleCopy,
    ...world.earlier,
    ...world.unwritten.map(({ record }) => record),
    ...world.tabs.flatMap(({ state, late }) => [state.record, late?.type === 'record' ? late.record : undefined]),
  ].filter((record) => record !== undefined);

/** Puts every moment of a world long ago, in their order: more the rules do not go by. */
export function orderOfMoments(world: World): Map<number, Milliseconds> {
  const moments = new Set<number>();
  for (const { session } of recordsOf(world)) if (session) moments.add(session.refreshedAt);
  for (const { state } of world.tabs) {
    if (state.wanted) moments.add(state.wanted.at);
    if (state.flight) moments.add(state.flight.sentAt);
  }
  const latestFirst = [...moments].sort((a, b) => b - a);
  return new Map(latestFirst.map((at, rank) => [at, milliseconds(now - (rank + 1) * longAgo)]));
}

/** Tells how long the beginning is that the paths of all tokens of a session have in common. */
export function sharedRotations(world: World): Map<string, number> {
  const common = new Map<string, string>();
  const take = (session: string, path: string): void => {
    const before = common.get(session);
    common.set(session, before === undefined ? path : commonStart(before, path));
  };
  const takeToken = (text: string | undefined): void => {
    if (!text) return;
    const { session, path } = readToken(text);
    take(session, path);
  };
  for (const database of [world.database, ...world.lost]) {
    for (const row of Object.values(database)) {
      take(row.id, readHash(row.tokenHash).path);
      for (const { tokenHash } of readChain(row.chain)) take(row.id, readHash(tokenHash).path);
    }
  }
  for (const { session, unrevoked } of recordsOf(world)) {
    unrevoked.forEach(takeToken);
    takeToken(session?.refreshToken);
    session?.superseded.forEach(({ refreshToken }) => takeToken(refreshToken));
  }
  for (const { state } of world.tabs) {
    takeToken(state.flight?.base?.refreshToken);
    takeToken(state.flight?.presented);
    takeToken(state.flight?.superseded?.refresh);
  }
  for (const { token, answer } of world.messages) {
    takeToken(token);
    if (answer?.verdict.kind === 'success') takeToken(answer.verdict.tokens.refreshToken);
    if (answer?.verdict.kind === 'superseded') takeToken(answer.verdict.refresh);
  }
  Object.keys(world.intents).forEach(takeToken);
  takeToken(world.thief?.token);
  return new Map([...common].map(([session, path]) => [session, path.length]));
}

function commonStart(a: string, b: string): string {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return a.slice(0, length);
}
