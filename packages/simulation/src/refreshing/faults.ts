import type { SessionRecord } from '@latchkey/client/core';
import { type Context, closedTab, copyOf, orphan, releaseLock, tell, withTab } from './tab.js';
import { expire } from './server.js';
import type { World } from './world.js';

/** A tab opens, paints from the copy that it sees, and reads the record. */
export function openTab(
  world: World,
  index: number,
  { hint, context }: { hint: SessionRecord | undefined; context: Context },
): World {
  const opened = withTab(world, index, { ...closedTab, open: true });
  return tell(opened, index, { input: { type: 'started', hint, online: true }, context });
}

/** A tab is gone at once, whatever it was at; what it has sent goes on. */
export function closeTab(world: World, index: number): World {
  const free = releaseLock(withTab(world, index, closedTab), index);
  const unwritten = free.unwritten.filter(({ tab }) => tab !== index);
  const messages = free.messages.flatMap((message) => (message.tab === index ? orphan(message) : [message]));
  return { ...free, unwritten, messages };
}

/** The whole browser is gone at once. */
export const closeAll = (world: World): World => world.tabs.reduce((next, _, index) => closeTab(next, index), world);

/** Storage comes back as it was so many writes ago, and with it the copy. */
export function rollBack(world: World, back: number): World {
  const record = world.earlier[back];
  const used = { ...world.used, rollbacks: world.used.rollbacks + 1 };
  return {
    ...world,
    record,
    copy: copyOf(record),
    staleCopy: copyOf(record),
    earlier: world.earlier.slice(back + 1),
    used,
  };
}

/** A standby without the last writes takes over. Who went on before it has nothing of that any more. */
export function failOver(world: World, back: number): World {
  const database = world.lost[back] ?? world.database;
  const used = { ...world.used, failovers: world.used.failovers + 1 };
  const thief = world.thief && { ...world.thief, thiefWentOn: false, ownerWentOn: false };
  return { ...world, database, lost: [], thief, used };
}

/** The time of the newest session is over. */
export function expireNewest(world: World): World {
  const newest = Object.values(world.database).at(-1);
  return newest ? { ...world, database: { ...world.database, [newest.id]: expire(newest) }, lost: [] } : world;
}
