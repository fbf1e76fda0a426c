import { hash } from 'node:crypto';

/** One thing that happened, and where it leads. */
export interface Move<State> {
  readonly event: string;
  readonly state: State;
  /** What came to light on the way, to be counted. */
  readonly sights: readonly string[];
  /** The property that broke, if one did. */
  readonly broken: string | undefined;
  /** A fault: a walk takes it now and then, an exploration always. */
  readonly isFault?: boolean;
}

/** What can be explored: states as plain data, and what may happen in each. */
export interface Model<State> {
  readonly initial: State;
  /** Writes a state: two of the same text cannot behave differently. */
  readonly textOf: (state: State) => string;
  readonly moves: (state: State) => Move<State>[];
  /** Judges a state by itself: the property that it breaks. */
  readonly judge: (state: State) => string | undefined;
}

/** What an exploration found. */
export interface Exploration {
  readonly states: number;
  readonly transitions: number;
  /** Events from the beginning to the farthest state, by the shortest way. */
  readonly depth: number;
  /** States whose successors were not looked at; 0: everything has been seen. */
  readonly cut: number;
  readonly hits: Readonly<Record<string, number>>;
  /** The shortest way to a property that broke. */
  readonly counterexample: { readonly property: string; readonly events: readonly string[] } | undefined;
}

interface Found<State> {
  readonly state: State;
  readonly at: number;
}

/**
 * Visits every state that can be reached, breadth first, until there is nothing new, a property breaks (then with the
 * shortest way there), or `atMost` states have been seen: what is left then is counted in `cut`.
 */
export function explore<State>({ initial, textOf, moves, judge }: Model<State>, atMost = Infinity): Exploration {
  // 128 bits: among ten million states no two that differ look alike.
  const fingerprint = (state: State): string => hash('md5', textOf(state), 'base64');
  const seen = new Set([fingerprint(initial)]);
  const origins: { from: number; event: string }[] = [{ from: -1, event: '' }];
  const hits: Record<string, number> = {};
  const counts = { transitions: 0, depth: 0, cut: 0 };
  const result = (broken?: { property: string; from: number; event: string }): Exploration => ({
    states: seen.size,
    ...counts,
    hits,
    counterexample: broken && { property: broken.property, events: [...wayTo(origins, broken.from), broken.event] },
  });
  for (let level: Found<State>[] = [{ state: initial, at: 0 }]; level.length > 0; counts.depth += 1) {
    const next: Found<State>[] = [];
    for (const { state, at } of level) {
      for (const move of moves(state)) {
        counts.transitions += 1;
        for (const sight of move.sights) hits[sight] = (hits[sight] ?? 0) + 1;
        if (move.broken !== undefined) return result({ property: move.broken, from: at, event: move.event });
        const key = fingerprint(move.state);
        if (seen.has(key)) continue;
        if (seen.size >= atMost) {
          counts.cut += 1;
          continue;
        }
        seen.add(key);
        const property = judge(move.state);
        if (property !== undefined) return result({ property, from: at, event: move.event });
        next.push({ state: move.state, at: origins.push({ from: at, event: move.event }) - 1 });
      }
    }
    level = next;
    if (level.length === 0) break;
  }
  return result();
}

function wayTo(origins: readonly { from: number; event: string }[], at: number): string[] {
  const events: string[] = [];
  for (let here = origins[at]; here && here.from >= 0; here = origins[here.from]) events.push(here.event);
  return events.reverse();
}
