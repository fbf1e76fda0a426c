import { StoreUnavailableError } from '../errors.js';
import { type Migration, migrations } from './schema.js';

/** The table with the names of the steps that were taken; the same on every database. */
export const migrationsTable = 'CREATE TABLE IF NOT EXISTS latchkey_migrations (name text NOT NULL PRIMARY KEY)';

/**
 * Finds the steps that are still to be taken.
 * @throws StoreUnavailableError when others were taken that this version does not know
 */
export function dueMigrations(applied: ReadonlySet<string>): Migration[] {
  refuseUnknown(applied);
  return migrations.filter(({ name }) => !applied.has(name));
}

/** Judges whether a database has this version's shape. */
export interface ShapeJudge {
  /** `undefined`: nothing has ever been made there. @throws StoreUnavailableError that says what to do */
  judge(applied: ReadonlySet<string> | undefined): void;
}

/**
 * Makes a judge for one run of a node. A start refuses steps of a newer version. A node that runs already stays ready
 * when a newer one takes them, for steps only ever add: else a rolling deploy would stop the old nodes at once.
 */
export function shapeJudge(): ShapeJudge {
  let isRunning = false;
  return {
    judge(applied) {
      if (!applied) throw new StoreUnavailableError('The database is empty. Run `latchkey migrate`.');
      const missing = migrations.filter(({ name }) => !applied.has(name)).map(({ name }) => name);
      if (missing.length > 0) {
        throw new StoreUnavailableError(`The database lacks ${missing.join(', ')}. Run \`latchkey migrate\`.`);
      }
      if (!isRunning) refuseUnknown(applied);
      isRunning = true;
    },
  };
}

function refuseUnknown(applied: ReadonlySet<string>): void {
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = [...applied].filter((name) => !known.has(name));
  if (unknown.length === 0) return;
  throw new StoreUnavailableError(
    `The database was made by a newer Latchkey: it has ${unknown.join(', ')}. Start that version. Nothing was changed.`,
  );
}
