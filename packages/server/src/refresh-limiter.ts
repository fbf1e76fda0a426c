import type { EpochSeconds, Seconds } from '@latchkey/protocol';
import { type RefreshUse, countRefresh, countRepeat } from './core/refresh-limit.js';
import type { ThrottleLimit } from './core/sign-in-throttle.js';

/** Limits the refreshes of each session at this node. Call it for authentic tokens alone: strangers spend nothing. */
export interface RefreshLimiter {
  /** Counts a refresh; how long it has to wait, 0 if not. */
  count(sessionId: string, now: EpochSeconds): Seconds;
  /** Counts, beside that, a repeat of the successor of a generation. `isFirstTooMany`: tell somebody, once. */
  countRepeat(
    sessionId: string,
    generation: number,
    now: EpochSeconds,
  ): { readonly waitSeconds: Seconds; readonly isFirstTooMany: boolean };
}

/**
 * Our choice: about 10 MB in all, and the sessions of half a minute at 1,000 refreshes a second. Who is forgotten has a
 * looser limit, never a stricter one.
 */
const mostSessions = 32_768;

/**
 * Makes a limiter that keeps its counts in memory: those of the last `capacity` sessions that were refreshed, and of as
 * many before them at most.
 */
export function createRefreshLimiter(limit: ThrottleLimit, capacity: number = mostSessions): RefreshLimiter {
  // Two Maps and not one that is sorted by use: to find its oldest, a Map walks over all that was taken out before it.
  let young = new Map<string, RefreshUse>();
  let old = new Map<string, RefreshUse>();
  const look = (sessionId: string): RefreshUse | undefined => young.get(sessionId) ?? old.get(sessionId);
  const note = (sessionId: string, use: RefreshUse): void => {
    if (young.size >= capacity) {
      old = young;
      young = new Map();
    }
    young.set(sessionId, use);
  };
  return {
    count(sessionId, now) {
      const { use, waitSeconds } = countRefresh(look(sessionId), limit, now);
      note(sessionId, use);
      return waitSeconds;
    },
    countRepeat(sessionId, generation, now) {
      const { use, ...verdict } = countRepeat(look(sessionId), generation, { limit, now });
      note(sessionId, use);
      return verdict;
    },
  };
}
