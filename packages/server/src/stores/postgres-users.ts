import type { UserRow, UserStore } from '../ports.js';
import type { PostgresDatabase, Statements } from './postgres-database.js';
import { freeUsername, insertUser, replaceUserText, selectUser } from './queries.js';

/** Users in PostgreSQL. After a lost connection each step finds what an earlier try of its own may have written. */
export function postgresUsers(database: PostgresDatabase): UserStore {
  const db = database.build;
  const read = async ({ all }: Statements, column: 'id' | 'username', value: string): Promise<UserRow | undefined> =>
    (await all(selectUser(db, column, value)))[0];
  const replaceText = (
    column: 'profile' | 'passwordHash',
    userId: string,
    change: { expected: string; next: string },
  ) => {
    const name = column === 'profile' ? 'profile' : 'password_hash';
    return database.run(async (statements) => {
      if ((await statements.change(replaceUserText(db, name, { userId, ...change }))) > 0) return true;
      return statements.isRerun && (await read(statements, 'id', userId))?.[column] === change.next;
    });
  };
  return {
    create: (user) =>
      database.run(async (statements) => {
        const made = await statements.change(insertUser(db, user).onConflict((on) => on.doNothing()));
        // Its id is random: a row that has it is our own.
        return made > 0 || (statements.isRerun && (await read(statements, 'id', user.id)) !== undefined);
      }),
    findByName: (username) => database.run((statements) => read(statements, 'username', username)),
    find: (id) => database.run((statements) => read(statements, 'id', id)),
    mirror: (user) =>
      database.write(async (tx) => {
        await tx.change(freeUsername(db, user));
        await tx.change(
          insertUser(db, { ...user, passwordHash: null }).onConflict((on) =>
            on.column('id').doUpdateSet({ username: user.username }),
          ),
        );
        const row = await read(tx, 'id', user.id);
        if (!row) throw new Error('A user row was written and is not there.');
        return row;
      }),
    updateProfile: (userId, change) => replaceText('profile', userId, change),
    rehash: (userId, change) => replaceText('passwordHash', userId, change),
  };
}
