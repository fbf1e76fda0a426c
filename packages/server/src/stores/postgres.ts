import type { Store } from '../ports.js';
import { PostgresDatabase, type PostgresOptions } from './postgres-database.js';
import { appliedMigrations, migratePostgres } from './postgres-migrations.js';
import { postgresOneTimeTokens } from './postgres-one-time-tokens.js';
import { postgresSessions } from './postgres-sessions.js';
import { postgresThrottle } from './postgres-throttle.js';
import { postgresUsers } from './postgres-users.js';
import { shapeJudge } from './shape.js';

export type { PostgresOptions } from './postgres-database.js';
export { describePostgresUrl } from './postgres-address.js';

/** A store in a PostgreSQL database. */
export interface PostgresStore extends Store {
  /** Where it is, without the password. */
  readonly address: string;
}

/**
 * Opens a store in PostgreSQL 13 or later. Connects when it is first used; call `migrate` before that, or `latchkey
 * migrate`. What was answered is committed: with `synchronous_commit` as it comes, it survives a power cut and, with a
 * synchronous standby, a failover.
 * @throws ConfigError ERR_CONFIG when the URL cannot be one
 * @example
 * const store = openPostgresStore({ url: 'postgres://latchkey@db.internal/latchkey?sslmode=verify-full' });
 */
export function openPostgresStore(options: PostgresOptions): PostgresStore {
  const database = new PostgresDatabase(options);
  const shape = shapeJudge();
  return {
    address: database.address,
    sessions: postgresSessions(database),
    users: postgresUsers(database),
    throttle: postgresThrottle(database),
    oneTimeTokens: postgresOneTimeTokens(database),
    migrate: () => migratePostgres(database),
    ready: async () => shape.judge(await appliedMigrations(database)),
    close: () => database.close(),
  };
}
