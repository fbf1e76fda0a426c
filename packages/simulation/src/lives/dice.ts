import { randomFrom } from '../random.js';

/** Chance, the same for the same seed. */
export interface Dice {
  /** A number in [0, 1). */
  readonly fraction: () => number;
  /** True so often of 1. */
  chance(probability: number): boolean;
  /** A number from `least` up to `most`. */
  between(least: number, most: number): number;
  /** A whole number from `least` to `most`, both included. */
  whole(least: number, most: number): number;
  /** A wait without memory: the time to the next of what happens once in `mean`. */
  about(mean: number): number;
}

/** Makes dice. `stream` tells apart what goes by one seed: user 7 lives the same whoever else is there. */
export function diceOf(seed: number, stream: number): Dice {
  const fraction = randomFrom(Math.imul(seed ^ 0x5bd1e995, 0x27d4eb2f) ^ Math.imul(stream + 1, 0x165667b1));
  for (let i = 0; i < 8; i += 1) fraction();
  const between = (least: number, most: number): number => least + fraction() * (most - least);
  return {
    fraction,
    between,
    chance: (probability) => fraction() < probability,
    whole: (least, most) => Math.floor(between(least, most + 1)),
    about: (mean) => -Math.log(1 - fraction()) * mean,
  };
}

/** Picks one of a list; of `[weight, what]` pairs, by weight. */
export function pick<T>(dice: Dice, weighted: readonly (readonly [number, T])[]): T {
  const last = weighted[weighted.length - 1];
  if (!last) throw new RangeError('There is nothing to pick from.');
  let left = dice.fraction() * weighted.reduce((sum, [weight]) => sum + weight, 0);
  for (const [weight, what] of weighted) if ((left -= weight) < 0) return what;
  return last[1];
}
