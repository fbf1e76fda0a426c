import { applyChange, transition } from '@latchkey/client/core';
import { decide } from '@latchkey/server';

/** The rules under test. The real ones, unless a mutant stands in to see that the properties notice. */
export interface Rules {
  readonly decide: typeof decide;
  readonly transition: typeof transition;
  readonly applyChange: typeof applyChange;
  /** Names the idempotency key that a tab makes by one letter: the same letter is the same key for the same token. */
  readonly keyOf: (tab: number) => string;
  /** The key that a thief with a copy of localStorage comes up with. */
  readonly thiefKey: string;
  /** Whether the copy in localStorage is written inside the transaction that changes the record. */
  readonly copyInTransaction: boolean;
  /** Whether a random idempotency key is written down before it is used (intent tier). */
  readonly writesIntents: boolean;
  /** Whether any authentic token of a session signs it out, or only the current one. */
  readonly signOutBy: 'any token' | 'current token';
}

/** The rules as they are shipped. */
export const realRules: Rules = {
  decide,
  transition,
  applyChange,
  // Only the profile can compute it, and every tab of the profile computes the same.
  keyOf: () => 'o',
  thiefKey: 't',
  copyInTransaction: true,
  writesIntents: true,
  signOutBy: 'any token',
};
