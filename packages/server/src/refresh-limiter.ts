import type { EpochSeconds, Seconds } from '@latchkey/protocol';
import { type RefreshUse, countRefresh, countRepeat } from './core/refresh-limit.js';
import type { ThrottleLimit } from './core/sign-in-throttle.js';

/**
 * Limits refreshes at this node: those granted to each session, and those tried with each token. Whoever has only an old
 * token of a session spends nothing of the session's. Call it for authentic tokens alone: strangers spend nothing.
 */
export interface RefreshLimiter {
  /** Counts a refresh of a session, or with a token; how long it has to wait, 0 if not. */
  count(key: string, now: EpochSeconds): Seconds;
  /** Tells how long a refresh would have to wait, and counts nothing. */
  waitOf(key: string, now: EpochSeconds): Seconds;
  /** Counts, beside that, a repeat of the successor of a generation. `isFirstTooMany`: tell somebody, once. */
  countRepeat(
    sessionId: string,
    generation: number,
    now: EpochSeconds,
  ): { readonly waitSeconds: Seconds; readonly isFirstTooMany: boolean };
}

/**
 * Our choice: about 10 MB in all, and a quarter of a minute at 1,000 refreshes a second. Who is forgotten has a looser
 * limit, never a stricter one.
 */
const mostKeys = 32_768;

/**
 * Makes a limiter that keeps its counts in memory: those of the last `capacity` sessions that were refreshed, and of as
 * many before them at most.
 */
export function createRefreshLimiter(limit: ThrottleLimit, capacity: number = mostKeys): RefreshLimiter {
  // Two Maps and not one that is sorted by use: to find its oldest, a Map walks over all that was taken out before it.
  let young = new Map<string, RefreshUse>();
  let old = new Map<string, RefreshUse>();
  const look = (key: string): RefreshUse | undefined => young.get(key) ?? old.get(key);
  const note = (key: string, use: RefreshUse): void => {
    if (young.size >= capacity) {
      old = young;
      young = new Map();
    }
    young.set(key, use);
  };
  return {
    count(key, now) {
      const { use, waitSeconds } = countRefresh(look(key), limit, now);
      note(key, use);
      return waitSeconds;
    },
    waitOf(key, now) {
      const { use, waitSeconds } = countRefresh(look(key), limit, now);
      // Not counted, for it has to wait; but dated by a clock that may have been set back.
      if (waitSeconds > 0) note(key, use);
      return waitSeconds;
    },
    countRepeat(sessionId, generation, now) {
      const { use, ...verdict } = countRepeat(look(sessionId), generation, { limit, now });
      note(sessionId, use);
      return verdict;
    },
  };
}
