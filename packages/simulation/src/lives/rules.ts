import { type Rules, realRules } from '../refreshing/rules.js';

const { decide, transition, applyChange } = realRules;

/** The rules that lives are lived by: the real ones, unless a mutant stands in to see that somebody notices. */
export interface LifeRules extends Pick<Rules, 'decide' | 'transition' | 'applyChange'> {
  /** The idempotency key of a profile's tab for the n-th request of a life. */
  readonly keyOf: (tab: number, request: number) => string;
  /** The delay that a page's timer really has, in milliseconds. */
  readonly delayOf: (delay: number) => number;
}

/** The rules as they are shipped. */
export const realLifeRules: LifeRules = {
  decide,
  transition,
  applyChange,
  keyOf: () => 'o',
  delayOf: (delay) => delay,
};
