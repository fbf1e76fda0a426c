import { climateOf } from './climate.js';
import { lifeStart, liveOne } from './life.js';
import { type LifeRules, realLifeRules } from './rules.js';
import { Tally } from './tally.js';

/** Lives to be lived: users `from`, `from + 1`, …, so many of them. */
export interface LivesOptions {
  readonly seed: number;
  readonly from?: number;
  readonly users: number;
  readonly days: number;
  /** Default: the rules as they are shipped. */
  readonly rules?: LifeRules;
  /** Is told every life, line by line. */
  readonly tell?: (line: string) => void;
}

/**
 * Lives lives in virtual time: people who use an app on their devices, over the client's machine and the server's rule.
 * A user lives the same whoever else is there, so one that stands out can be looked at alone.
 */
export function live({ seed, from = 1, users, days, rules = realLifeRules, tell }: LivesOptions): Tally {
  const tally = new Tally();
  const climate = climateOf(seed, lifeStart, days);
  for (let user = from; user < from + users; user += 1) liveOne({ seed, user, days, rules, climate, tally, tell });
  return tally;
}
