import type { EpochSeconds } from '@latchkey/protocol';
import type { ThrottleCounter, ThrottleStore } from '../ports.js';
import type { PostgresDatabase } from './postgres-database.js';
import { countAttempt, deleteOldCounters, forgiveAttempt, selectCounters } from './queries.js';

/** So that no two who lock several rows wait for each other. */
const inOneOrder = (counters: readonly ThrottleCounter[]): ThrottleCounter[] =>
  [...counters].sort((a, b) => (a.key < b.key ? -1 : 1));

/** The later end of the counters that have no more room, if any. */
function endOfFull(
  rows: readonly { key: string; attempts: number; ends_at: EpochSeconds }[],
  isFull: (attempts: number, counter: ThrottleCounter) => boolean,
  counters: readonly ThrottleCounter[],
): EpochSeconds | undefined {
  const full = rows.filter((row) =>
    counters.some((counter) => counter.key === row.key && isFull(row.attempts, counter)),
  );
  return full.length === 0 ? undefined : (Math.max(...full.map((row) => row.ends_at)) as EpochSeconds);
}

/**
 * Throttle counters in PostgreSQL. After a lost connection an attempt may have been counted twice: that errs on the safe
 * side, by one attempt.
 */
export function postgresThrottle(database: PostgresDatabase): ThrottleStore {
  const db = database.build;

  /** Counts first and looks then: the rows are locked, so that attempts at once see each other. */
  const countAll = (counters: readonly ThrottleCounter[], now: EpochSeconds) =>
    database.write(
      async (tx) => {
        const rows: { key: string; attempts: number; ends_at: EpochSeconds }[] = [];
        for (const counter of inOneOrder(counters))
          rows.push(...(await tx.all(countAttempt(db, counter, now).returningAll())));
        return endOfFull(rows, (attempts, { atMost }) => attempts > atMost, counters);
      },
      (endsAt) => endsAt === undefined,
    );

  return {
    async count(counters, now) {
      // Most of those whom a flood is refused need no lock, and leave no dead row.
      const known = await database.run(({ all }) => all(selectCounters(db, counters, now)));
      const endsAt = endOfFull(known, (attempts, { atMost }) => attempts >= atMost, counters);
      if (endsAt !== undefined) return endsAt;
      const full = await countAll(counters, now);
      if (full === undefined)
        await database.run(({ change }) => change(deleteOldCounters(db, now, { skipsLocked: true })));
      return full;
    },
    forgive: (counters) =>
      database.write(async (tx) => {
        // Whether it was taken back is not known: once too few is safer than once too many.
        if (tx.isRerun) return;
        for (const { key } of inOneOrder(counters)) await tx.change(forgiveAttempt(db, key));
      }),
  };
}
