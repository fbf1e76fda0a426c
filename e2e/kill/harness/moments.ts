import { hash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';

/** Draws a whole number from 0 to below the bound. */
export type Draw = (below: number) => number;

/** Makes numbers that a seed alone decides, so that what a run did to the servers can be done again. */
export function drawFrom(seed: string): Draw {
  let drawn = 0;
  return (below) => Number.parseInt(hash('sha256', `${seed} ${drawn++}`).slice(0, 12), 16) % below;
}

/** One kill: of what, after how many acknowledged rotations, and how many turns of the event loop later. */
export interface Kill<Victim extends string> {
  readonly victim: Victim;
  readonly after: number;
  readonly turns: number;
}

/** A turn takes far less than a request, so that these spread the kills over all that a server does for one. */
const mostTurns = 40;

/** Plans one kill for each of the victims named, in random order, at random moments before `rotations` are done. */
export function planKills<Victim extends string>(
  draw: Draw,
  { victims, rotations }: { victims: readonly Victim[]; rotations: number },
): Kill<Victim>[] {
  const moments = victims.map(() => draw(rotations)).sort((a, b) => a - b);
  const left = [...victims];
  return moments.flatMap((after) => {
    const [victim] = left.splice(draw(left.length), 1);
    return victim === undefined ? [] : [{ victim, after, turns: draw(mostTurns) }];
  });
}

/** Lets turns of the event loop go by. */
export async function letTurnsPass(count: number): Promise<void> {
  for (let passed = 0; passed < count; passed += 1) await turn();
}

/** Counts, and tells when a count is reached. */
export class Meter {
  count = 0;
  #waiting: { readonly at: number; readonly resolve: () => void }[] = [];

  add(): void {
    this.count += 1;
    for (const { at, resolve } of this.#waiting) if (this.count >= at) resolve();
    this.#waiting = this.#waiting.filter(({ at }) => this.count < at);
  }

  reaches(at: number): Promise<void> {
    return new Promise((resolve) => {
      if (this.count >= at) resolve();
      else this.#waiting.push({ at, resolve });
    });
  }
}
