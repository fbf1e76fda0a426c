import type { EpochSeconds, Seconds } from '@latchkey/protocol';
import type { ThrottleLimit } from './sign-in-throttle.js';

/** How a session has been refreshed of late: a bucket that fills with each refresh and leaks at a steady rate. */
export interface RefreshUse {
  /** Refreshes in the bucket at `at`. */
  readonly level: number;
  readonly at: EpochSeconds;
  /** Repeats of the successor of this generation so far. */
  readonly generation: number;
  readonly repeats: number;
}

/** What a refresh, once counted, is to have. `waitSeconds` 0: go on. */
export interface RefreshCount {
  readonly use: RefreshUse;
  readonly waitSeconds: Seconds;
}

/** Our choice: 32 tabs without a lock make 31 repeats of one rotation. */
export const usualRepeats = 32;

/** Counts one refresh. One that has to wait is not counted, so that who keeps asking is not put off for ever. */
export function countRefresh(use: RefreshUse | undefined, limit: ThrottleLimit, now: EpochSeconds): RefreshCount {
  const { level = 0, at = now, generation = 0, repeats = 0 } = use ?? {};
  const leakPerSecond = limit.atMost / limit.perSeconds;
  // A clock that was set back leaks nothing for once, instead of standing still until it is where it was.
  const left = Math.max(0, level - Math.max(0, now - at) * leakPerSecond);
  const over = left + 1 - limit.atMost;
  const waitSeconds = (over > 0 ? Math.ceil(over / leakPerSecond) : 0) as Seconds;
  return { use: { level: over > 0 ? left : left + 1, at: now, generation, repeats }, waitSeconds };
}

/**
 * Counts a repeat of the successor of a generation. Beyond the usual it fills the bucket once more, which halves the
 * rate; `isFirstTooMany` once a generation.
 */
export function countRepeat(
  use: RefreshUse | undefined,
  generation: number,
  { limit, now }: { limit: ThrottleLimit; now: EpochSeconds },
): RefreshCount & { readonly isFirstTooMany: boolean } {
  const repeats = use?.generation === generation ? use.repeats + 1 : 1;
  const noted = { level: 0, at: now, ...use, generation, repeats };
  const counted = repeats > usualRepeats ? countRefresh(noted, limit, now) : { use: noted, waitSeconds: 0 as Seconds };
  return { ...counted, isFirstTooMany: repeats === usualRepeats + 1 };
}
