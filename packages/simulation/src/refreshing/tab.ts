import {
  type Effect,
  type MachineSettings,
  type RecordChange,
  type SessionRecord,
  type SessionInput,
  type SessionState,
  type Step,
  initialState,
} from '@latchkey/client/core';
import { milliseconds } from '@latchkey/protocol';
import type { Rules } from './rules.js';
import { readHash, readToken } from './symbolic-tokens.js';
import { type Message, type Scope, type Sight, type Tab, type World, now } from './world.js';

/** Where an event happens. */
export interface Context {
  readonly scope: Scope;
  readonly rules: Rules;
  /** What came to light so far. */
  readonly sights: Sight[];
}

const settings: MachineSettings = {
  margin: { atMost: milliseconds(0), fractionOfLifetime: 0 },
  refreshOnLoad: false,
  whenRefused: 'sign-out',
  lockWait: milliseconds(15_000),
  tokenWait: milliseconds(5000),
};
const moment = { now: milliseconds(now), drift: milliseconds(0), fraction: 0.5 };

/** A tab that is not there. */
export const closedTab: Tab = { open: false, state: initialState, waiting: false, late: undefined };

export const withTab = (world: World, index: number, change: Partial<Tab>): World => ({
  ...world,
  tabs: world.tabs.map((tab, at) => (at === index ? { ...tab, ...change } : tab)),
});

/** Hands a tab's machine an input and does what it says at once, but for what takes its time: locks and messages. */
export function tell(
  world: World,
  index: number,
  { input, context }: { input: SessionInput; context: Context },
): World {
  const tab = tabAt(world, index);
  const { state, effects } = runMachine(tab.state, input, context.rules);
  return effects.reduce((next, effect) => perform(next, index, { effect, context }), withTab(world, index, { state }));
}

/** One step of a tab's machine, at the moment of every event. */
export const runMachine = (state: SessionState, input: SessionInput, rules: Rules): Step =>
  rules.transition(state, input, { settings, moment });

export function tabAt(world: World, index: number): Tab {
  const tab = world.tabs[index];
  if (!tab) throw new RangeError(`There is no tab ${index}.`);
  return tab;
}

function perform(world: World, index: number, { effect, context }: { effect: Effect; context: Context }): World {
  switch (effect.type) {
    case 'acquire-lock':
      return acquireLock(withTab(world, index, { waiting: true }), index, context.scope);
    case 'release-lock':
      return endFlight(world, index);
    case 'read':
      // The first read takes its time: until then the tab has what the copy showed it, and then it looks.
      if (effect.flight === 0 && !tabAt(world, index).state.known) return world;
      return tell(world, index, {
        input: recordInput(world, { own: false, won: false, flight: effect.flight }),
        context,
      });
    case 'send':
      return send(world, index, { effect, context });
    case 'change':
      return makeChange(world, index, { ...effect, context });
    case 'revoke':
      return effect.refreshTokens.reduce((next, token) => sendSignOut(next, index, token), world);
    case 'signed-out':
      context.sights.push({ kind: 'signed-out', session: endedIn(tabAt(world, index)), reason: effect.reason });
      return world;
    // What the app sees, and when to look again: here everything may happen at any time.
    case 'load-user':
    case 'wake':
    case 'give':
    case 'fail':
    case 'note':
      return world;
  }
}

const endedIn = ({ state }: Tab): string => state.record?.ended?.sessionId ?? '';

export const recordInput = (
  world: World,
  origin: { own: boolean; won: boolean; flight: number | undefined },
): SessionInput => ({ type: 'record', record: world.record, ...origin });

/** One readwrite transaction in IndexedDB, the copy written within it. */
export function writeRecord(
  world: World,
  change: RecordChange,
  { rules, scope, tab }: Context & { readonly tab: number },
): { world: World; won: boolean } {
  const { record, won } = rules.applyChange(world.record, change);
  if (!won) return { world, won };
  const session = record?.session && { ...record.session, superseded: record.session.superseded.slice(-scope.kept) };
  const next = record && { ...record, session: session ?? null };
  return {
    won,
    world: {
      ...world,
      record: next,
      ...(rules.copyInTransaction
        ? { copy: copyOf(next) }
        : { unwritten: [...world.unwritten, { tab, record: copyOf(next) }] }),
      staleCopy: world.copy,
      // A disk that loses a sign-in or a sign-out has lost it: only refreshes are put at stake.
      earlier: change.kind === 'tokens' ? [world.record, ...world.earlier].slice(0, scope.rollback.generations) : [],
      over: change.kind === 'signed-out' ? [...world.over, change.sessionId] : world.over,
    },
  };
}

/** The copy is without what only the record that decides needs. */
export const copyOf = (record: SessionRecord | undefined): SessionRecord | undefined =>
  record && { ...record, unrevoked: [], session: record.session && { ...record.session, superseded: [] } };

function makeChange(
  world: World,
  index: number,
  { change, flight, context }: { change: RecordChange; flight: number; context: Context },
): World {
  const { world: written, won } = writeRecord(world, change, { ...context, tab: index });
  const input = recordInput(written, { own: true, won, flight });
  return tell(written, index, { input, context });
}

function send(
  world: World,
  index: number,
  { effect, context }: { effect: Extract<Effect, { type: 'send' }>; context: Context },
): World {
  const { refreshToken: token } = effect;
  const isDrawn = context.scope.tier === 'intent';
  const key = world.intents[token] ?? (isDrawn ? drawKey(world, token) : context.rules.keyOf(index));
  const message: Message = {
    kind: 'refresh',
    tab: index,
    token: effect.refreshToken,
    key,
    final: effect.final,
    user: '',
    answer: undefined,
  };
  const intents = isDrawn && context.rules.writesIntents ? { ...world.intents, [token]: key } : world.intents;
  return { ...world, intents, messages: [...world.messages, message] };
}

/** A random key: never the one that the session has gone on with from this token. */
function drawKey({ database }: World, text: string): string {
  const { session, path } = readToken(text);
  const wentOn = readHash(database[session]?.tokenHash ?? '').path[path.length];
  return wentOn === 'o' ? 'p' : 'o';
}

function sendSignOut(world: World, index: number, token: string): World {
  if (world.messages.some((message) => message.kind === 'sign-out' && message.token === token)) return world;
  const message: Message = { kind: 'sign-out', tab: index, token, key: '', final: false, user: '', answer: undefined };
  return { ...world, messages: [...world.messages, message] };
}

/** Web Locks queue; without them everybody may go at once. */
function acquireLock(world: World, index: number, scope: Scope): World {
  if (scope.locks === 'none') return world;
  return world.holder === undefined ? { ...world, holder: index } : { ...world, queue: [...world.queue, index] };
}

/** A flight is over: no answer to it will be listened to. */
function endFlight(world: World, index: number): World {
  const free = releaseLock(withTab(world, index, { waiting: false }), index);
  const messages = free.messages.flatMap((message) =>
    message.kind === 'refresh' && message.tab === index ? orphan(message) : [message],
  );
  return { ...free, messages };
}

/** Nobody waits for it any more: an answer is dropped, a request goes on. */
export const orphan = (message: Message): Message[] => (message.answer ? [] : [{ ...message, tab: -1 }]);

/** Gives up the lock, or the place in its queue. */
export function releaseLock(world: World, index: number): World {
  const queue = world.queue.filter((waiting) => waiting !== index);
  if (world.holder !== index) return { ...world, queue };
  return { ...world, holder: queue[0], queue: queue.slice(1) };
}

/** The tab reads the record again. */
export const look = (world: World, index: number, context: Context): World =>
  tell(world, index, { input: recordInput(world, { own: false, won: false, flight: 0 }), context });
