import { type Dice, diceOf } from './dice.js';
import { day, hour, minute, second } from './time.js';

/** What befalls the service, for everybody alike. Times are true ones, in milliseconds. */
export interface Incident {
  /**
   * `deploy` and `outage`: 503 to everything. `failover`: 503, and then the last writes are gone. `rush`: 429 to half of
   * the refreshes. `keys`: new refresh tokens are made with a new server secret.
   */
  readonly kind: 'deploy' | 'outage' | 'failover' | 'rush' | 'keys';
  readonly at: number;
  readonly until: number;
  /** How much of the last writes a failover loses, in milliseconds. */
  readonly lost: number;
}

/** No user has such a number: each kind of incident has dice of its own. */
const firstStream = -10;

/** The incidents of so many days from `start`, in the order of their beginnings. The same for all users of a seed. */
export function climateOf(seed: number, start: number, days: number): readonly Incident[] {
  const end = start + days * day;
  let stream = firstStream;
  const every = (mean: number, make: (at: number, dice: Dice) => Incident): Incident[] => {
    const dice = diceOf(seed, (stream -= 1));
    const made: Incident[] = [];
    for (let at = start + dice.about(mean); at < end; at += dice.about(mean)) made.push(make(at, dice));
    return made;
  };
  return [
    ...every(3 * day, (at, dice) => lasting('deploy', at, deployTime(dice))),
    ...every(45 * day, (at, dice) => lasting('outage', at, dice.between(2, 90) * minute)),
    ...every(20 * day, (at, dice) => lasting('rush', at, dice.between(2, 30) * minute)),
    ...every(30 * day, (at, dice) => ({ ...lasting('failover', at, seconds(dice, 60)), lost: lagOf(dice) })),
    ...every(90 * day, (at) => lasting('keys', at, 0)),
  ].sort((a, b) => a.at - b.at);
}

const lasting = (kind: Incident['kind'], at: number, duration: number): Incident => ({
  kind,
  at,
  until: at + duration,
  lost: 0,
});

const deployTime = (dice: Dice): number => (dice.chance(0.1) ? dice.between(1, 5) * minute : seconds(dice, 90));

const seconds = (dice: Dice, most: number): number => dice.between(3, most) * second;

/** Replication is mostly a moment behind, and now and then an hour. */
const lagOf = (dice: Dice): number => second * (hour / second) ** dice.fraction();
