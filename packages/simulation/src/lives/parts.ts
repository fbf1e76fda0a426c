import type {
  ChangeOutcome,
  RecordChange,
  SessionInput,
  SessionRecord,
  SessionState,
  SignedOutReason,
} from '@latchkey/client/core';
import type { Agenda } from './agenda.js';
import type { App } from './app.js';
import type { DeviceClock } from './clock.js';
import type { Dice } from './dice.js';
import type { Ledger } from './ledger.js';
import type { Needs } from './needs.js';
import type { LifeRules } from './rules.js';
import type { Server } from './server.js';
import type { Tally } from './tally.js';

/** What everything in a life goes by. */
export interface Surroundings {
  readonly agenda: Agenda;
  readonly dice: Dice;
  readonly tally: Tally;
  readonly rules: LifeRules;
  readonly app: App;
  readonly server: Server;
  readonly ledger: Ledger;
  /** `down`: 503 to everything; `rush`: 429 to half of the refreshes. */
  readonly serverState: 'up' | 'down' | 'rush';
  /** Until when the server's last incident lasts. */
  readonly troubleUntil: number;
  /** A line of the story, for who reads one life. */
  say(of: { readonly name: string }, line: string): void;
  /** A promise was broken. */
  breach(what: string): void;
  /** A page was told that its session is over. */
  signedOut(profile: Profile, how: { session: string; reason: SignedOutReason; isAway: boolean }): void;
}

/** A browser profile on a device, as its tabs and their messages see it. */
export interface Profile {
  readonly life: Surroundings;
  readonly name: string;
  readonly clock: DeviceClock;
  readonly needs: Needs;
  readonly lock: Queue;
  readonly record: SessionRecord | undefined;
  readonly isAsleep: boolean;
  readonly saysOnline: boolean;
  /** `portal`: whatever is asked for, a page of somebody else's comes back. */
  readonly link: 'up' | 'down' | 'portal';
  /** How much slower than usual the network is. */
  readonly slowness: number;
  /** Something stands in the way until then (now, if not said) that no client can do anything about. */
  trouble(until?: number): void;
  /** Whether nothing stood in the way of a call that was made then, nor so long before. */
  wasClear(madeAt: number, recovery: number): boolean;
  /** One transaction on the record; the other tabs hear of it. */
  change(page: Page, change: RecordChange): ChangeOutcome;
  signedOut(session: string, reason: SignedOutReason): void;
  close(page: Page): void;
  freeze(page: Page): void;
  thaw(page: Page): void;
  sleep(): void;
  wake(): void;
}

/** Makes the refreshes of a profile's tabs queue up. */
export interface Queue {
  acquire(page: Page, flight: number, wait: number): void;
  release(page: Page): void;
}

/** A page of the app, as others see it. */
export interface Page {
  readonly profile: Profile;
  readonly number: number;
  readonly state: SessionState;
  readonly calls: Map<number, Call>;
  readonly isOpen: boolean;
  readonly isHidden: boolean;
  readonly isFrozen: boolean;
  /** Neither timers nor answers are heard. */
  readonly isStopped: boolean;
  /** The page hears of something: now, or when it goes on. */
  hear(input: SessionInput): void;
  /** Hands the machine an input. */
  input(input: SessionInput): void;
}

/** A call of the app's to its API. */
export interface Call {
  readonly madeAt: number;
  /** How often the API answered 401. */
  refused: number;
}
