import type { Tally } from './tally.js';
import { hour } from './time.js';

/** What lives come to, beside their counts. */
export interface Figures {
  /** Refresh requests sent, and the fewest that could keep what is promised, a person and day. */
  readonly sentADay: number;
  readonly leastADay: number;
  /** The first by the second; 1: too few to say. */
  readonly ratio: number;
  /** Refreshes sent with no way through, an hour in which a page was due for one and had none; 0: too few hours. */
  readonly triesAnHour: number;
}

/** Above this somebody refreshes for nothing; our choice: faults alone cost some 4 %. */
const mostRatio = 1.15;

/** Above this nobody backs off; our choice: waits of half a minute on average make 120. */
const mostTries = 300;

/** Refreshes, and hours without a way through, from which on the figures say something. */
const fewest = 1000;
const leastStuck = 3;

/** Reckons the figures of lives. */
export function figuresOf(tally: Tally): Figures {
  const days = tally.of('user-days');
  const sent = tally.of('refreshes sent');
  const least = tally.of('least, as promised');
  const stuck = tally.of('milliseconds stuck') / hour;
  return {
    sentADay: sent / days,
    leastADay: least / days,
    ratio: least < fewest ? 1 : sent / least,
    triesAnHour: stuck < leastStuck ? 0 : tally.of('refreshes sent in vain') / stuck,
  };
}

/** What lives show to be wrong: broken promises, and refreshes for nothing. Nothing for the rules as they are shipped. */
export function problemsOf(tally: Tally): string[] {
  const { ratio, triesAnHour } = figuresOf(tally);
  const broken = Object.keys(tally.counts).filter((name) => name.startsWith('breach: '));
  return [
    ...broken.map((name) => `${name.replace('breach: ', '')}: ${tally.of(name)} times`),
    ...(ratio > mostRatio ? [`refreshes: ${ratio.toFixed(2)} times the least possible`] : []),
    ...(triesAnHour > mostTries ? [`${triesAnHour.toFixed(0)} tries an hour while there was no way through`] : []),
  ];
}
