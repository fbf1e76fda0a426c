import type { UserRow, UserStore } from '../ports.js';
import { freeUsername, insertUser, replaceUserText, selectUser } from './queries.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** Users in SQLite. */
export function sqliteUsers(database: SqliteDatabase): UserStore {
  const db = database.build;
  const read = (column: 'id' | 'username', value: string): UserRow | undefined =>
    database.all(selectUser(db, column, value))[0];
  return {
    create: (user) =>
      database.write(() => database.change(insertUser(db, user).onConflict((on) => on.doNothing())) > 0),
    findByName: (username) => database.read(() => read('username', username)),
    find: (id) => database.read(() => read('id', id)),
    mirror: (user) =>
      database.write(() => {
        database.change(freeUsername(db, user));
        database.change(
          insertUser(db, { ...user, passwordHash: null }).onConflict((on) =>
            on.column('id').doUpdateSet({ username: user.username }),
          ),
        );
        return {
          passwordHash: null,
          epoch: 0,
          credentialVersion: 0,
          verifiedEmail: null,
          ...user,
          ...read('id', user.id),
        };
      }),
    updateProfile: (userId, change) =>
      database.write(() => database.change(replaceUserText(db, 'profile', { userId, ...change })) > 0),
    rehash: (userId, change) =>
      database.write(() => database.change(replaceUserText(db, 'password_hash', { userId, ...change })) > 0),
  };
}
