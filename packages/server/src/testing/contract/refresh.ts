import { decide, type RefreshOutcome } from '../../core/rotation.js';
import type { Rotation, Store } from '../../ports.js';

/** What a refresh came to. `busy`: it lost too many races. */
export type Refreshed = 'rotated' | 'busy' | Exclude<RefreshOutcome['kind'], 'rotate'>;

/** As often as the endpoint does. */
const mostTries = 3;

/** Refreshes as the endpoint does: by the one statement or, if that changes nothing, by the rules and compare-and-set. */
export async function refresh({ sessions }: Store, rotation: Rotation): Promise<Refreshed> {
  const { sessionId, request, now } = rotation;
  for (let attempt = 0; attempt < mostTries; attempt += 1) {
    if (await sessions.rotate(rotation)) return 'rotated';
    const found = await sessions.find(sessionId);
    const { kind } = decide(found?.session, request, now);
    if (kind !== 'rotate' && kind !== 'reused') return kind;
    const ifGeneration = found?.session.generation ?? 0;
    const isReused = kind === 'reused';
    if (isReused && (await sessions.revoke({ sessionId, reason: 'refresh_reused', now, ifGeneration }))) return kind;
  }
  return 'busy';
}
