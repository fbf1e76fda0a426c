import type { RefreshVerdict, SessionInput, SessionRecord, SessionState } from '@latchkey/client/core';
import type { SessionRow } from '@latchkey/server';

/** What is explored: how many tabs, which faults, and how far the memories of both ends are cut. */
export interface Scope {
  readonly name: string;
  readonly tabs: number;
  /** `fair`: Web Locks, never given up. `impatient`: a wait may run out at any time. `none`: no Web Locks. */
  readonly locks: 'fair' | 'impatient' | 'none';
  /** How the idempotency keys are made. */
  readonly tier: 'K' | 'intent';
  /** Messages on their way at most, answered or not. */
  readonly messages: number;
  /** How many superseded tokens the server remembers, and how many the client keeps. */
  readonly chain: number;
  readonly kept: number;
  /** How many rotations may pass while somebody sleeps on an older token. */
  readonly spread: number;
  /** A request may be delivered again after it was answered. */
  readonly duplicates: boolean;
  /** Tabs may close at any moment and open again. */
  readonly crashes: boolean;
  /** A tab may freeze between a commit and hearing of it. */
  readonly freezes: boolean;
  /** How many of the last writes a failover of the database may lose, and how many failovers there are. */
  readonly failover: { readonly times: number; readonly lostWrites: number };
  /** How far storage may be rolled back by a crash of the browser, and how often. */
  readonly rollback: { readonly times: number; readonly generations: number };
  /** The server's refresh secrets are exchanged, with nodes that lag behind. */
  readonly keyRotation: boolean;
  /** The time of a session may be over at any moment. */
  readonly expiry: boolean;
  /** How often somebody signs out, and how often somebody else signs in. */
  readonly signOuts: number;
  readonly signIns: number;
  /** `storage`: a copy of localStorage at any moment. `request`: also of one whole refresh request. */
  readonly thief: 'none' | 'storage' | 'request';
}

/** The database: one row a session. */
export type Database = Readonly<Record<string, SessionRow>>;

/** A tab of the one browser profile. */
export interface Tab {
  readonly open: boolean;
  readonly state: SessionState;
  /** The flight that waits for the lock, or for its turn where there is none. */
  readonly waiting: boolean;
  /** What a frozen tab will hear first when it thaws. */
  readonly late: SessionInput | undefined;
}

/** A request on its way, or its answer on the way back. */
export interface Message {
  readonly kind: 'refresh' | 'sign-out' | 'sign-in';
  /** Who waits for the answer; -1 for nobody any more. */
  readonly tab: number;
  readonly token: string;
  /** The idempotency key, as one letter; empty for none. */
  readonly key: string;
  readonly final: boolean;
  /** Who signs in. */
  readonly user: string;
  readonly answer: Answer | undefined;
}

/** What a server sends back. */
export interface Answer {
  readonly verdict: RefreshVerdict;
  readonly generation: number | undefined;
}

/** Somebody with a copy of what localStorage held. */
export interface Thief {
  readonly token: string;
  /** The generation that was stolen. */
  readonly since: number;
  /** The idempotency key of the captured request, until it is used. */
  readonly captured: string | undefined;
  /** Has been granted a refresh with a key of their own, ever: from then on the owner may be signed out. */
  readonly hasActed: boolean;
  /** Both have gone on after the theft: then the session must be revoked. */
  readonly thiefWentOn: boolean;
  readonly ownerWentOn: boolean;
}

/** Everything at one moment. Plain data. */
export interface World {
  readonly database: Database;
  /** Earlier versions that a failover may bring back, newest first. */
  readonly lost: readonly Database[];
  readonly mintingKeyId: number;
  readonly tabs: readonly Tab[];
  /** What the tabs are called: they keep their names when a world is told anew, in another order. */
  readonly names: readonly string[];
  /** What IndexedDB holds, which decides, and its copy in localStorage. */
  readonly record: SessionRecord | undefined;
  readonly copy: SessionRecord | undefined;
  /** Copies that are still to be written, where a mutant writes them outside of the transaction. */
  readonly unwritten: readonly { readonly tab: number; readonly record: SessionRecord | undefined }[];
  /** The copy before the last write: what a stale read of localStorage shows. */
  readonly staleCopy: SessionRecord | undefined;
  /** Earlier records of the same sign-in, newest first: what a rollback may bring back. */
  readonly earlier: readonly (SessionRecord | undefined)[];
  readonly holder: number | undefined;
  readonly queue: readonly number[];
  readonly messages: readonly Message[];
  /** Idempotency keys written down before use (intent tier): one letter by token. */
  readonly intents: Readonly<Record<string, string>>;
  readonly thief: Thief | undefined;
  /** Sessions that somebody ended in this profile: they never come back. */
  readonly over: readonly string[];
  readonly used: {
    readonly failovers: number;
    readonly rollbacks: number;
    readonly signOuts: number;
    readonly signIns: number;
  };
}

/** When every event happens; what happened before it is moved into the past. */
export const now = 2_000_000_000_000;

/** What an event brought to light: counted, and judged. */
export type Sight =
  /** What a server decided; `final` is added to the name where the request said so. */
  | { readonly kind: 'outcome'; readonly outcome: string; readonly by: 'owner' | 'thief' }
  | { readonly kind: 'signed-out'; readonly session: string; readonly reason: string }
  | { readonly kind: 'broken'; readonly property: string };
