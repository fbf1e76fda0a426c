import type { Model, Move } from './explore.js';
import { randomFrom } from './random.js';

/** How a walk through a model went. */
export interface Walk {
  readonly seed: number;
  readonly events: readonly string[];
  readonly hits: Readonly<Record<string, number>>;
  readonly broken: string | undefined;
}

/**
 * Walks through a model at random, for worlds too large to be explored whole. The same seed takes the same way. Each event
 * is judged like those of an exploration; the walk ends at the first property that breaks.
 */
export function walk<State>(
  { initial, moves, judge }: Model<State>,
  { seed, steps }: { seed: number; steps: number },
): Walk {
  const random = randomFrom(seed);
  const events: string[] = [];
  const hits: Record<string, number> = {};
  let state = initial;
  for (let step = 0; step < steps; step += 1) {
    const next = pick(moves(state), random);
    if (!next) break;
    events.push(next.event);
    for (const sight of next.sights) hits[sight] = (hits[sight] ?? 0) + 1;
    const broken = next.broken ?? judge(next.state);
    if (broken !== undefined) return { seed, events, hits, broken };
    state = next.state;
  }
  return { seed, events, hits, broken: undefined };
}

/** One event in this many is a fault, so that something happens between them. */
const faultEvery = 12;

function pick<State>(possible: readonly Move<State>[], random: () => number): Move<State> | undefined {
  const faults = possible.filter(({ isFault }) => isFault);
  const others = possible.filter(({ isFault }) => !isFault);
  const takesFault = others.length === 0 || (faults.length > 0 && random() * faultEvery < 1);
  const from = takesFault ? faults : others;
  return from[Math.floor(random() * from.length)];
}
