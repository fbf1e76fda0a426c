import type { Context } from './tab.js';
import type { Database, World } from './world.js';

/** A failover may lose rotations. A sign-in or a sign-out that it loses is lost, so none is put at stake. */
export function writeDatabase(
  world: World,
  database: Database,
  { context, keep }: { context: Context; keep: boolean },
): World {
  if (database === world.database) return world;
  const lost = keep ? [world.database, ...world.lost].slice(0, context.scope.failover.lostWrites) : [];
  return { ...world, database, lost };
}
