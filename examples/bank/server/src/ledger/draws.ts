import { createHash } from 'node:crypto';

/** Chances that look random and are always the same for the same person, event and day, in whatever order they are drawn. */
export interface Draws {
  /** A number from 0 to 1, without 1. */
  fraction(event: string): number;
  happens(event: string, chance: number): boolean;
  /** An amount of cents between two amounts. */
  cents(event: string, range: readonly [least: number, most: number]): number;
  pick<T>(event: string, from: readonly [T, ...T[]]): T;
}

/** Makes the draws of a person. */
export function drawsOf(seed: string): Draws {
  const fraction = (event: string): number =>
    createHash('sha256').update(`${seed}\n${event}`).digest().readUIntBE(0, 6) / 2 ** 48;
  return {
    fraction,
    happens: (event, chance) => fraction(event) < chance,
    cents: (event, [least, most]) => Math.round(least + fraction(event) * (most - least)),
    pick: (event, from) => from[Math.floor(fraction(event) * from.length)] ?? from[0],
  };
}
