import { closeAll, closeTab, expireNewest, failOver, openTab, rollBack } from './faults.js';
import { delivery, eventsOfMessage, servings } from './message-events.js';
import { goAhead } from './network.js';
import { type Possible, asFaults, when } from './possible.js';
import { hasEnded } from './server.js';
import { readToken } from './symbolic-tokens.js';
import { type Context, look, recordInput, tabAt, tell, withTab, writeRecord } from './tab.js';
import { capture, makeUp, refreshAsThief, steal } from './thief.js';
import type { Message, Scope, Tab, World } from './world.js';

/** Everything that may happen next in a world. */
export function possibleEvents(world: World, context: Context): Possible[] {
  return [
    ...world.tabs.flatMap((tab, index) => eventsOfTab(world, { tab, index, context })),
    ...world.messages.flatMap((message, at) => eventsOfMessage(world, { message, at, context })),
    ...asFaults(faults(world, context)),
    ...(world.thief ? thefts(world, context) : asFaults(thefts(world, context))),
  ];
}

const nameOf = ({ names }: World, index: number): string => names[index] ?? '';

interface AtTab {
  readonly tab: Tab;
  readonly index: number;
  readonly context: Context;
}

function eventsOfTab(world: World, { tab, index, context }: AtTab): Possible[] {
  const name = nameOf(world, index);
  const { scope } = context;
  if (!tab.open) return scope.crashes || scope.rollback.times > 0 ? openings(world, index) : [];
  const crash = asFaults(when(scope.crashes, `${name} crashes`, (at) => closeTab(at, index)));
  if (tab.late) return [{ event: `${name} thaws`, happen: (at, given) => thaw(at, index, given) }, ...crash];
  return [
    ...when(mayWant(world, tab, context), `${name} is to refresh`, (at, given) => want(at, index, given)),
    ...when(mayGo(world, { tab, index, context }), `${name} goes ahead`, (at, given) => goAhead(at, index, given)),
    ...when(isDue(tab, world), `${name} wakes`, (at, given) =>
      tell(at, index, { input: { type: 'woke' }, context: given }),
    ),
    ...copying(world, index),
    ...when(!sameRecord(tab, world), `${name} looks again`, (at, given) => look(at, index, given)),
    ...asFaults(people(world, { tab, index, context })),
    ...crash,
  ];
}

/** Where a mutant writes the copy outside of the transaction, another tab's may come between. */
function copying(world: World, index: number): Possible[] {
  const at = world.unwritten.findIndex(({ tab }) => tab === index);
  const happen: Possible['happen'] = (given) => ({
    ...given,
    copy: given.unwritten[at]?.record,
    unwritten: given.unwritten.filter((_, place) => place !== at),
  });
  return at < 0 ? [] : [{ event: `${nameOf(world, index)} writes its copy`, happen }];
}

/** A tab that opens paints from what localStorage shows it: the copy, what was there before, or nothing. */
function openings(world: World, index: number): Possible[] {
  const hints = { 'the copy': world.copy, 'a stale copy': world.staleCopy, nothing: undefined };
  const texts = new Set<string>();
  return Object.entries(hints).flatMap(([name, hint]) => {
    const text = JSON.stringify(hint ?? null);
    if (texts.has(text)) return [];
    texts.add(text);
    const happen: Possible['happen'] = (at, context) => openTab(at, index, { hint, context });
    return [{ event: `${nameOf(world, index)} opens and sees ${name}`, happen }];
  });
}

/** Nobody asks twice, and nobody runs further ahead of the oldest token in the world than the scope looks. */
function mayWant(world: World, tab: Tab, { scope }: Context): boolean {
  const session = tab.state.record?.session;
  if (!session || tab.state.wanted || tab.state.flight || world.messages.length >= scope.messages) return false;
  return mayRotate(world, session.id, scope);
}

/** How far the newest token may be from the oldest that somebody may still present. */
function mayRotate(world: World, sessionId: string, scope: Scope): boolean {
  const row = world.database[sessionId];
  return row !== undefined && row.generation - oldestGeneration(world, sessionId) < scope.spread;
}

/** The oldest generation of a session that somebody may still present. */
function oldestGeneration(world: World, sessionId: string): number {
  const ofTabs = [
    ...world.messages.map(({ token }) => token),
    ...world.tabs.flatMap(({ state }) => [state.flight?.base?.refreshToken, state.record?.session?.refreshToken]),
  ].filter((text) => text !== undefined && text !== '');
  // With all tabs closed, the owner's next step begins with what is stored.
  const ofOwner = ofTabs.length > 0 ? ofTabs : [world.record?.session?.refreshToken];
  const paths = [...ofOwner, world.thief?.token].flatMap((text) => {
    const token = text ? readToken(text) : undefined;
    return token?.session === sessionId ? [token.path.length] : [];
  });
  return Math.min(...paths);
}

function want(world: World, index: number, context: Context): World {
  const asked = tell(world, index, { input: { type: 'refresh-wanted', id: 1 }, context });
  return tell(asked, index, { input: { type: 'waiter-left', id: 1 }, context });
}

function mayGo(world: World, { tab, index, context: { scope } }: AtTab): boolean {
  if (!tab.waiting || world.messages.length >= scope.messages) return false;
  return scope.locks !== 'fair' || world.holder === index;
}

/** What failed is tried again when the back-off is over. */
const isDue = ({ state }: Tab, world: World): boolean =>
  (state.wanted !== undefined && !state.flight) || hasUntold(state.record?.unrevoked ?? [], world);

/** Sign-outs that no message is on its way to tell of. */
const hasUntold = (unrevoked: readonly string[], { messages }: World): boolean =>
  unrevoked.some((token) => !messages.some((message) => message.kind === 'sign-out' && message.token === token));

const sameRecord = (tab: Tab, world: World): boolean =>
  tab.state.known &&
  (tab.state.record === world.record ||
    JSON.stringify(tab.state.record ?? null) === JSON.stringify(world.record ?? null));

function thaw(world: World, index: number, context: Context): World {
  const { late } = tabAt(world, index);
  const thawed = withTab(world, index, { late: undefined });
  return late ? tell(thawed, index, { input: late, context }) : thawed;
}

/** Signing out, and signing in as the other person. */
function people(world: World, { tab, index, context: { scope } }: AtTab): Possible[] {
  const sessionId = tab.state.record?.session?.id;
  const hasRoom = world.messages.length < scope.messages;
  const mayEnd = sessionId !== undefined && world.used.signOuts < scope.signOuts && hasRoom;
  const mayBegin =
    world.used.signIns < scope.signIns && hasRoom && !world.messages.some(({ kind }) => kind === 'sign-in');
  return [
    ...when(mayEnd, `${nameOf(world, index)} signs out`, (at, context) =>
      signOut(at, index, { sessionId: sessionId ?? '', context }),
    ),
    ...when(mayBegin, `${nameOf(world, index)} signs in`, (at) => askToSignIn(at, index)),
  ];
}

function signOut(world: World, index: number, { sessionId, context }: { sessionId: string; context: Context }): World {
  const used = { ...world.used, signOuts: world.used.signOuts + 1 };
  const change = { kind: 'signed-out', reason: 'user', sessionId, revoke: true } as const;
  const { world: written, won } = writeRecord({ ...world, used }, change, { ...context, tab: index });
  return tell(written, index, { input: recordInput(written, { own: true, won, flight: undefined }), context });
}

function askToSignIn(world: World, index: number): World {
  const user = `person ${Object.keys(world.database).length + 1}`;
  const token = world.record?.session?.refreshToken ?? '';
  const message: Message = { kind: 'sign-in', tab: index, token, key: '', final: false, user, answer: undefined };
  return {
    ...world,
    used: { ...world.used, signIns: world.used.signIns + 1 },
    messages: [...world.messages, message],
  };
}

function faults(world: World, { scope }: Context): Possible[] {
  const failovers = world.used.failovers < scope.failover.times ? world.lost : [];
  const rollbacks = world.used.rollbacks < scope.rollback.times ? world.earlier : [];
  return [
    ...failovers.map((_, back) => ({
      event: `the database fails over and loses ${back + 1} writes`,
      happen: (at: World) => failOver(at, back),
    })),
    ...rollbacks.map((_, back) => ({
      event: `the browser crashes and storage is ${back + 1} writes old`,
      happen: (at: World) => rollBack(closeAll(at), back),
    })),
    ...when(scope.expiry && isAnyLive(world), 'the time of the session is over', expireNewest),
    ...when(scope.keyRotation && world.mintingKeyId === 1, 'nodes begin to mint with key 2', (at) => ({
      ...at,
      mintingKeyId: 2,
    })),
  ];
}

const isAnyLive = ({ database }: World): boolean => Object.values(database).some((row) => !hasEnded(row));

function thefts(world: World, { scope }: Context): Possible[] {
  const thief = world.thief;
  if (scope.thief === 'none') return [];
  if (!thief) {
    const requests = scope.thief === 'request' ? world.messages.filter(({ kind }) => kind === 'refresh') : [];
    return [
      ...when(!!world.copy?.session, 'localStorage is stolen', steal),
      ...requests.map((message) => ({
        event: `the request with ${message.token} is captured`,
        happen: (at: World) => capture(at, message),
      })),
    ];
  }
  const session = readToken(thief.token).session;
  if (world.database[session]?.revokedAt !== null || !mayRotate(world, session, scope)) return [];
  return [
    { event: 'a made-up token is presented', happen: makeUp },
    ...[false, true].map((final) => ({
      event: `the thief refreshes ${thief.token}${final ? ', final' : ''}`,
      happen: (at: World, context: Context) => refreshAsThief(at, { context, final }),
    })),
  ];
}

/** The next thing that happens by itself in a world without faults; nothing when it is at rest. */
export function calmEvent(world: World, context: Context): Possible | undefined {
  const messages = world.messages.flatMap((message, at) => {
    if (message.answer) return [{ event: 'an answer arrives', happen: delivery(at) }];
    return servings(world, { message, at, context }).slice(0, 1);
  });
  const tabs = world.tabs.flatMap((tab, index): Possible[] => {
    if (!tab.open) return [];
    if (tab.late) return [{ event: 'a tab thaws', happen: (at, given) => thaw(at, index, given) }];
    return [
      ...when(mayGo(world, { tab, index, context }), 'a tab goes ahead', (at, given) => goAhead(at, index, given)),
      ...copying(world, index),
      ...when(!sameRecord(tab, world), 'a tab looks again', (at, given) => look(at, index, given)),
      ...when(isDue(tab, world), 'a tab wakes', (at, given) =>
        tell(at, index, { input: { type: 'woke' }, context: given }),
      ),
    ];
  });
  return [...messages, ...tabs][0];
}
