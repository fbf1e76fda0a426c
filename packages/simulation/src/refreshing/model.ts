import type { Model, Move } from '../explore.js';
import { canonical } from './canonical.js';
import { possibleEvents } from './events.js';
import { openTab } from './faults.js';
import { judgeSights, judgeWorld } from './properties.js';
import { recover } from './recovery.js';
import { type Rules, realRules } from './rules.js';
import { granted, newRow } from './server.js';
import { changeOfSignIn } from './sign-in.js';
import { type Context, closedTab, copyOf, look, writeRecord } from './tab.js';
import { textOf } from './text.js';
import type { Scope, Sight, World } from './world.js';

/** A browser profile with its tabs, and the servers: all that may happen between them within a scope. */
export function refreshing(scope: Scope, rules: Rules = realRules): Model<World> {
  return {
    initial: beginning({ scope, rules, sights: [] }),
    textOf,
    moves: (world) => movesFrom(world, { scope, rules }),
    judge: (world) => judgeWorld(world) ?? recover(world, { scope, rules }),
  };
}

function movesFrom(world: World, { scope, rules }: { scope: Scope; rules: Rules }): Move<World>[] {
  return possibleEvents(world, { scope, rules, sights: [] }).map(({ event, happen, isFault = false }) => {
    const sights: Sight[] = [];
    const next = canonical(happen(world, { scope, rules, sights }));
    const outcomes = sights.flatMap((sight) => (sight.kind === 'outcome' ? [`${sight.outcome} (${sight.by})`] : []));
    return { event, state: next, sights: outcomes, broken: judgeSights(sights, next), isFault };
  });
}

/** Somebody has signed in, in a browser whose tabs are all open and know it. */
function beginning(context: Context): World {
  const { tabs } = context.scope;
  const empty: World = {
    database: { a: newRow('a', 'person 1', 1) },
    lost: [],
    mintingKeyId: 1,
    tabs: Array.from({ length: tabs }, () => closedTab),
    names: Array.from({ length: tabs }, (_, index) => `tab ${index + 1}`),
    record: undefined,
    copy: undefined,
    unwritten: [],
    staleCopy: undefined,
    earlier: [],
    holder: undefined,
    queue: [],
    messages: [],
    intents: {},
    thief: undefined,
    over: [],
    used: { failovers: 0, rollbacks: 0, signOuts: 0, signIns: 0 },
  };
  const signedIn = writeSignIn(empty, context);
  const settled: World = {
    ...signedIn,
    copy: copyOf(signedIn.record),
    staleCopy: copyOf(signedIn.record),
    earlier: [],
    unwritten: [],
  };
  const hint = settled.copy;
  const open = (world: World, index: number): World => look(openTab(world, index, { hint, context }), index, context);
  return canonical(settled.tabs.reduce<World>((world, _, index) => open(world, index), settled));
}

function writeSignIn(world: World, context: Context): World {
  const change = changeOfSignIn(granted('a:@1', 'person 1'), context.scope);
  return change ? writeRecord(world, change, { ...context, tab: 0 }).world : world;
}
