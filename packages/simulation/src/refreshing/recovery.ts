import { canonical } from './canonical.js';
import { calmEvent } from './events.js';
import { openTab } from './faults.js';
import { judgeSights } from './properties.js';
import { hasEnded } from './server.js';
import { readHash, readToken, writeToken } from './symbolic-tokens.js';
import { type Context, tell } from './tab.js';
import type { World } from './world.js';

/** More than any way back takes: a walk up the whole chain, twice. */
const mostSteps = 100;

/**
 * Lets a world in which no message is on its way come to rest without further faults, asks for one refresh, and tells what is
 * wrong if that does not bring everybody together on the newest token: a session that lives but cannot go on is as lost
 * as one that has ended.
 */
export function recover(world: World, rules: Pick<Context, 'scope' | 'rules'>): string | undefined {
  if (world.messages.length > 0) return undefined;
  const context: Context = { ...rules, sights: [] };
  const awake = world.tabs.some(({ open }) => open) ? world : openTab(world, 0, { hint: world.copy, context });
  const before = calm(awake, context);
  // Nobody is signed in any more: there is nothing to refresh.
  if (!before.record?.session) return judgeSights(context.sights, before) ?? judgeRest(before);
  const index = before.tabs.findIndex(({ open }) => open);
  const asked = tell(before, index, { input: { type: 'refresh-wanted', id: 1 }, context });
  const after = calm(tell(asked, index, { input: { type: 'waiter-left', id: 1 }, context }), context);
  return (
    judgeSights(context.sights, after) ?? judgeTheft(after) ?? (after.thief?.hasActed ? undefined : judgeRest(after))
  );
}

function calm(world: World, context: Context): World {
  let here = canonical(world);
  for (let step = 0; step < mostSteps; step += 1) {
    const possible = calmEvent(here, context);
    if (!possible) return here;
    here = canonical(possible.happen(here, context));
  }
  return here;
}

/** The owner has refreshed after a thief went on: by now the session must be over. */
function judgeTheft({ thief, database }: World): string | undefined {
  const row = thief?.thiefWentOn ? database[readToken(thief.token).session] : undefined;
  return row && !hasEnded(row)
    ? 'theft is detected: the owner has refreshed after a thief, and both may go on'
    : undefined;
}

function judgeRest(world: World): string | undefined {
  const { record, database, tabs, over } = world;
  const living = over.find((id) => database[id] && !hasEnded(database[id]));
  if (living !== undefined) return 'sign-out is final: the server never hears of it';
  const text = JSON.stringify(record ?? null);
  const open = tabs.filter((tab) => tab.open);
  if (open.some(({ state }) => JSON.stringify(state.record ?? null) !== text)) return 'convergence: a tab stays behind';
  const session = record?.session;
  if (!session) return undefined;
  const row = database[session.id];
  if (!row || hasEnded(row)) return 'convergence: a session that has ended is shown for good';
  const newest = writeToken({ session: row.id, path: readHash(row.tokenHash).path, keyId: row.keyId });
  if (session.refreshToken !== newest) return 'no spurious sign-out: the session cannot be refreshed any more';
  return open.some(({ state }) => state.wanted ?? state.flight)
    ? 'no spurious sign-out: a refresh never ends'
    : undefined;
}
