import type { SessionInput } from '@latchkey/client/core';
import { writeDatabase } from './database.js';
import { judgeServed, noteBroken } from './properties.js';
import { type Node, granted, nameOf, newRow, revoke, serveRefresh, unavailable } from './server.js';
import { changeOfSignIn } from './sign-in.js';
import { readToken, writeToken } from './symbolic-tokens.js';
import {
  type Context,
  orphan,
  recordInput,
  releaseLock,
  runMachine,
  tabAt,
  tell,
  withTab,
  writeRecord,
} from './tab.js';
import { ownerWentOn } from './thief.js';
import type { Message, World } from './world.js';

/** The lock is granted, or its wait has run out: the tab reads the record and sends what it finds. */
export function goAhead(world: World, index: number, context: Context): World {
  const { flight } = tabAt(world, index).state;
  const left = world.holder === index ? world : releaseLock(world, index);
  const going = withTab(left, index, { waiting: false });
  return tell(going, index, { input: { type: 'lock-settled', flight: flight?.id ?? 0 }, context });
}

/** A request reaches a server; a copy of it may be on its way still. */
export function serve(
  world: World,
  at: number,
  { node, copy, context }: { node: Node; copy: boolean; context: Context },
): World {
  const message = messageAt(world, at);
  if (message.kind === 'sign-out') return serveSignOut(world, at, context);
  const { rules, scope, sights } = context;
  const before = world.database[readToken(message.token).session];
  const served = serveRefresh(world.database, message, { rules, node, chain: scope.chain });
  sights.push({ kind: 'outcome', outcome: nameOf(served, message), by: 'owner' });
  noteBroken(sights, judgeServed(served, before));
  const isGranted = served.answer.verdict.kind === 'success';
  const written = writeDatabase(world, served.database, { context, keep: served.outcome === 'rotate' });
  const next = isGranted ? ownerWentOn(written, message) : written;
  const answered = message.tab < 0 ? [] : [{ ...message, answer: served.answer }];
  return { ...next, messages: replaceAt(world.messages, at, [...answered, ...(copy ? orphan(message) : [])]) };
}

function serveSignOut(world: World, at: number, context: Context): World {
  const message = messageAt(world, at);
  const { session, path } = readToken(message.token);
  const isCurrent = world.database[session]?.generation === path.length;
  const heard = context.rules.signOutBy === 'any token' || isCurrent;
  const database = heard ? revoke(world.database, session, 'signed_out') : world.database;
  const written = writeDatabase(world, database, { context, keep: false });
  const rest = { ...written, messages: replaceAt(world.messages, at, []) };
  if (message.tab < 0) return rest;
  const { world: noted, won } = writeRecord(
    rest,
    { kind: 'revoked', refreshToken: message.token },
    { ...context, tab: message.tab },
  );
  return tell(noted, message.tab, { input: recordInput(noted, { own: true, won, flight: undefined }), context });
}

/** Makes a session and ends the one it replaces. */
export function serveSignIn(world: World, at: number, context: Context): World {
  const message = messageAt(world, at);
  const session = String.fromCharCode('a'.charCodeAt(0) + Object.keys(world.database).length);
  const replaced = message.token === '' ? '' : readToken(message.token).session;
  const database = {
    ...revoke(world.database, replaced, 'replaced'),
    [session]: newRow(session, message.user, world.mintingKeyId),
  };
  const written = writeDatabase(world, database, { context, keep: false });
  const token = writeToken({ session, path: '', keyId: world.mintingKeyId });
  const answered = message.tab < 0 ? [] : [{ ...message, answer: granted(token, message.user) }];
  return { ...written, messages: replaceAt(world.messages, at, answered) };
}

/** An answer reaches the tab that waits for it. */
export function deliver(world: World, at: number, { freeze, context }: { freeze: boolean; context: Context }): World {
  const message = messageAt(world, at);
  const { answer, tab: index } = message;
  const rest = { ...world, messages: replaceAt(world.messages, at, []) };
  if (!answer) return rest;
  if (message.kind === 'sign-in') return signedIn(rest, message, context);
  const flight = tabAt(world, index).state.flight?.id ?? 0;
  const input: SessionInput = { type: 'answered', flight, ...answer };
  return freeze ? freezeInCommit(rest, index, { input, context }) : tell(rest, index, { input, context });
}

/** The tab's transaction is made, and the tab stops before it hears of it. */
function freezeInCommit(
  world: World,
  index: number,
  { input, context }: { input: SessionInput; context: Context },
): World {
  const tab = tabAt(world, index);
  const done = tell(world, index, { input, context: { ...context, sights: [] } });
  if (done.record === world.record) return tell(world, index, { input, context });
  // The machine stands where it was when the transaction began: it had asked for the change and heard nothing.
  const stopped = runMachine(tab.state, input, context.rules).state;
  const late = recordInput(done, { own: true, won: true, flight: tab.state.flight?.id });
  const { holder, queue } = world;
  return { ...withTab(done, index, { state: stopped, late }), holder, queue };
}

function signedIn(world: World, message: Message, context: Context): World {
  const change = message.answer && changeOfSignIn(message.answer, context.scope);
  if (!change) return world;
  const previous = world.record?.session?.id;
  const { world: written, won } = writeRecord(world, change, { ...context, tab: message.tab });
  const over = previous === undefined ? written.over : [...written.over, previous];
  const input = recordInput(written, { own: true, won, flight: undefined });
  return tell({ ...written, over }, message.tab, { input, context });
}

/** The tab gives up waiting; what it asked for may still arrive at the server. */
export function timeOut(world: World, at: number, context: Context): World {
  const message = messageAt(world, at);
  const rest = { ...world, messages: replaceAt(world.messages, at, orphan(message)) };
  if (message.kind !== 'refresh') return rest;
  const flight = tabAt(world, message.tab).state.flight?.id ?? 0;
  return tell(rest, message.tab, { input: { type: 'answered', flight, ...unavailable }, context });
}

/** A request that nobody waits for never arrives. */
export const lose = (world: World, at: number): World => ({ ...world, messages: replaceAt(world.messages, at, []) });

function messageAt(world: World, at: number): Message {
  const message = world.messages[at];
  if (!message) throw new RangeError(`There is no message ${at}.`);
  return message;
}

const replaceAt = (messages: readonly Message[], at: number, by: readonly Message[]): readonly Message[] => [
  ...messages.slice(0, at),
  ...by,
  ...messages.slice(at + 1),
];
