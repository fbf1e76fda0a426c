import type { PictureCall, Pictures } from '@latchkey/example-shared';
import type { Verified, Verifier } from '@latchkey/verifier';
import type { Day } from '../ledger/days.js';
import type { Ledger } from '../ledger/ledger.js';

/** What the API works with. */
export interface ApiParts {
  readonly verifier: Verifier;
  readonly ledger: Ledger;
  readonly pictures: Pictures;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What the token server puts into this bank's access tokens beside the registered claims. */
export interface BankClaims {
  readonly name?: string;
  readonly role?: 'adviser';
}

/** One request of somebody whom the token names. */
export interface Call extends PictureCall {
  readonly verified: Verified<BankClaims>;
  readonly url: URL;
  /** What the path has in the place of its variable; empty where it has none. */
  readonly id: string;
  readonly today: Day;
}

/** Answers one kind of request. */
export type Handler = (call: Call, parts: ApiParts) => Promise<void> | void;
