import type { EpochSeconds } from '@latchkey/protocol';
import type { ThrottleCounter, ThrottleStore } from '../ports.js';
import { countAttempt, deleteOldCounters, forgiveAttempt, selectCounters } from './queries.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Throttle counters in SQLite. */
export function sqliteThrottle(database: SqliteDatabase): ThrottleStore {
  const db = database.build;

  const findFull = (counters: readonly ThrottleCounter[], now: EpochSeconds): EpochSeconds | undefined => {
    const rows = database.all(selectCounters(db, counters, now));
    const full = rows.filter((row) => counters.some(({ key, atMost }) => key === row.key && row.attempts >= atMost));
    return full.length === 0 ? undefined : (Math.max(...full.map((row) => row.ends_at)) as EpochSeconds);
  };

  return {
    count: (counters, now) =>
      database.write(() => {
        const endsAt = findFull(counters, now);
        if (endsAt !== undefined) return endsAt;
        database.change(deleteOldCounters(db, now));
        for (const counter of counters) database.change(countAttempt(db, counter, now));
        return undefined;
      }),
    forgive: (counters) =>
      database.write(() => {
        for (const { key } of counters) database.change(forgiveAttempt(db, key));
      }),
  };
}
