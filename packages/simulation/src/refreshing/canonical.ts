import {
  type RefreshVerdict,
  type SessionInput,
  type SessionRecord,
  type SessionState,
  type StoredSession,
  initialState,
} from '@latchkey/client/core';
import { type Milliseconds, milliseconds } from '@latchkey/protocol';
import type { SessionRow } from '@latchkey/server';
import { orderOfMoments, sharedRotations } from './past.js';
import { hashOf, readChain, readHash, readToken, writeToken } from './symbolic-tokens.js';
import { textOfRecord, textOfTab } from './text.js';
import { type Database, type Message, type Tab, type World, now } from './world.js';

/** How a world's names, times and counts are told anew. */
interface Telling {
  /** How many rotations all tokens of a session have behind them alike: these are forgotten. */
  readonly shared: ReadonlyMap<string, number>;
  readonly times: ReadonlyMap<number, Milliseconds>;
  readonly accessTokens: Map<string, string>;
  /** Records told already: tabs and storage mostly hold the same one. */
  readonly records: Map<SessionRecord, SessionRecord>;
}

/**
 * Tells a world anew so that two which cannot behave differently look alike: moments by their order, all of them long ago;
 * rotations counted from the oldest that anybody remembers; access tokens in the order of their appearance; tabs in an
 * order of their own. That makes the worlds finite in number however often tokens rotate, and an exploration complete.
 */
export function canonical(world: World): World {
  const telling: Telling = {
    shared: sharedRotations(world),
    times: orderOfMoments(world),
    accessTokens: new Map(),
    records: new Map(),
  };
  const told: World = {
    ...world,
    database: databaseOf(world.database, telling),
    lost: world.lost.map((database) => databaseOf(database, telling)),
    record: recordOf(world.record, telling),
    copy: recordOf(world.copy, telling),
    staleCopy: recordOf(world.staleCopy, telling),
    earlier: world.earlier.map((record) => recordOf(record, telling)),
    unwritten: world.unwritten.map(({ tab, record }) => ({ tab, record: recordOf(record, telling) })),
    messages: world.messages.filter((message) => matters(message, world)).map((message) => messageOf(message, telling)),
    intents: intentsOf(world.intents, telling),
    thief: world.thief && {
      ...world.thief,
      token: tokenOf(world.thief.token, telling),
      since: world.thief.since - shift(readToken(world.thief.token).session, telling),
    },
    tabs: world.tabs.map((tab) => tabOf(tab, telling)),
  };
  return sorted(told);
}

/** A request of a session that has ended, which nobody waits for, changes nothing any more. */
function matters({ tab, kind, token }: Message, { database }: World): boolean {
  return tab >= 0 || kind === 'sign-in' || database[readToken(token).session]?.revokedAt === null;
}

/** The newest are all that can be asked for again. */
function intentsOf(intents: World['intents'], telling: Telling): World['intents'] {
  const newest = Object.entries(intents).sort(([a], [b]) => readToken(b).path.length - readToken(a).path.length);
  return Object.fromEntries(newest.slice(0, 3).map(([token, key]) => [tokenOf(token, telling), key]));
}

const shift = (session: string, { shared }: Telling): number => shared.get(session) ?? 0;

function tokenOf(text: string, telling: Telling): string {
  if (text === '') return text;
  const { session, path, keyId } = readToken(text);
  return writeToken({ session, path: path.slice(shift(session, telling)), keyId });
}

function databaseOf(database: Database, telling: Telling): Database {
  return Object.fromEntries(Object.entries(database).map(([id, row]) => [id, rowOf(row, telling)]));
}

function rowOf(row: SessionRow, telling: Telling): SessionRow {
  const by = shift(row.id, telling);
  if (by === 0) return row;
  const hash = (text: string): string => hashOf(row.id, readHash(text).path.slice(by));
  const chain = readChain(row.chain).map(({ tokenHash, keyId }) => hash(tokenHash) + `0${keyId}`);
  return { ...row, generation: row.generation - by, tokenHash: hash(row.tokenHash), chain: chain.join('') };
}

function recordOf(record: SessionRecord | undefined, telling: Telling): SessionRecord | undefined {
  if (!record) return undefined;
  const known = telling.records.get(record);
  if (known) return known;
  const session = record.session && sessionOf(record.session, telling);
  const unrevoked = record.unrevoked.map((token) => tokenOf(token, telling));
  const told = sameOr(record, { ...record, revision: 0, session, unrevoked });
  telling.records.set(record, told);
  return told;
}

/** What is told anew as it was stays the same object, whose text is known. */
function sameOr<T extends object>(before: T, after: T): T {
  return Object.entries(after).every(([name, value]) => isAlike(before[name as keyof T], value)) ? before : after;
}

const isAlike = (a: unknown, b: unknown): boolean =>
  a === b || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((one, at) => one === b[at]));

function sessionOf(session: StoredSession, telling: Telling): StoredSession {
  const by = shift(session.id, telling);
  const at = timeOf(session.refreshedAt, telling);
  const superseded = session.superseded.map((token) =>
    sameOr(token, { generation: token.generation - by, refreshToken: tokenOf(token.refreshToken, telling) }),
  );
  return sameOr(session, {
    ...session,
    generation: session.generation - by,
    accessToken: accessOf(session.accessToken, telling),
    refreshToken: tokenOf(session.refreshToken, telling),
    refreshedAt: at,
    usableFrom: at,
    accessExpiresAt: milliseconds(now * 2),
    sessionExpiresAt: null,
    superseded,
  });
}

/** Every answer has an access token of its own; only which are the same matters. */
function accessOf(text: string, { accessTokens }: Telling): string {
  const known = accessTokens.get(text);
  if (known !== undefined) return known;
  const name = `access ${accessTokens.size}`;
  accessTokens.set(text, name);
  return name;
}

function messageOf(message: Message, telling: Telling): Message {
  const { answer } = message;
  const token = tokenOf(message.token, telling);
  if (!answer) return { ...message, token };
  const { verdict, generation } = answer;
  const session =
    verdict.kind === 'success'
      ? readToken(verdict.tokens.refreshToken ?? '').session
      : readToken(message.token).session;
  const by = shift(session, telling);
  return {
    ...message,
    token,
    answer: {
      verdict: verdictOf(verdict, by, telling),
      generation: generation === undefined ? undefined : generation - by,
    },
  };
}

function verdictOf(verdict: RefreshVerdict, by: number, telling: Telling): RefreshVerdict {
  const { kind } = verdict;
  if (kind === 'superseded') {
    const refresh = verdict.refresh === undefined ? undefined : tokenOf(verdict.refresh, telling);
    return { ...verdict, generation: verdict.generation - by, refresh };
  }
  if (kind !== 'success') return verdict;
  const { accessToken, refreshToken = '' } = verdict.tokens;
  const told = { accessToken: accessOf(accessToken, telling), refreshToken: tokenOf(refreshToken, telling) };
  return { ...verdict, tokens: { ...verdict.tokens, ...told } };
}

function tabOf(tab: Tab, telling: Telling): Tab {
  if (!tab.open) return tab;
  return { ...tab, state: stateOf(tab.state, telling), late: tab.late && lateOf(tab.late, telling) };
}

function lateOf(late: SessionInput, telling: Telling): SessionInput {
  return late.type === 'record' ? { ...late, flight: 1, record: recordOf(late.record, telling) } : late;
}

/** Back-offs are over, old sends forgotten; the one flight is the first, for no other can be heard of any more. */
function stateOf({ record, known, flight, wanted }: SessionState, telling: Telling): SessionState {
  return {
    ...initialState,
    record: recordOf(record, telling),
    known,
    flight: flight && flightOf(flight, telling),
    flights: flight ? 1 : 0,
    wanted: wanted && { cause: wanted.cause, at: timeOf(wanted.at, telling) },
    drift: milliseconds(0),
  };
}

function flightOf(flight: NonNullable<SessionState['flight']>, telling: Telling): SessionState['flight'] {
  const { base, presented, superseded } = flight;
  const by = base ? shift(base.sessionId, telling) : 0;
  return {
    ...flight,
    id: 1,
    wanting: accessOf(flight.wanting, telling),
    sentAt: timeOf(flight.sentAt, telling),
    base: base && { ...base, generation: base.generation - by, refreshToken: tokenOf(base.refreshToken, telling) },
    presented: presented === undefined ? undefined : tokenOf(presented, telling),
    superseded: superseded && {
      generation: superseded.generation - by,
      refresh: superseded.refresh === undefined ? undefined : tokenOf(superseded.refresh, telling),
    },
  };
}

const timeOf = (at: number, { times }: Telling): Milliseconds => times.get(at) ?? milliseconds(0);

/** Tabs are alike: which of them is first is no difference. */
function sorted(world: World): World {
  const texts = world.tabs.map((tab, index) => ({ index, text: textOfTab(tab, textOfRecord) }));
  texts.sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0));
  if (texts.every(({ index }, at) => index === at)) return world;
  const place = new Map(texts.map(({ index }, at) => [index, at]));
  const moved = (index: number): number => place.get(index) ?? index;
  return {
    ...world,
    tabs: texts.flatMap(({ index }) => world.tabs[index] ?? []),
    names: texts.flatMap(({ index }) => world.names[index] ?? []),
    holder: world.holder === undefined ? undefined : moved(world.holder),
    queue: world.queue.map(moved),
    messages: world.messages.map((message) => ({ ...message, tab: moved(message.tab) })),
    unwritten: world.unwritten.map(({ tab, record }) => ({ tab: moved(tab), record })),
  };
}
