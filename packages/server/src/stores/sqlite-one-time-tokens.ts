import type { EpochSeconds } from '@latchkey/protocol';
import type { OneTimePurpose, OneTimeTokenRow, OneTimeTokenStore } from '../ports.js';
import {
  consumeOneTimeToken,
  deleteOldOneTimeTokens,
  deleteOneTimeTokens,
  selectOneTimeToken,
  updateVerifiedEmail,
  upsertOneTimeToken,
} from './one-time-token-queries.js';
import { revokeSessionsOfUser, updatePassword } from './queries.js';
import type { SqliteDatabase } from './sqlite-database.js';

/** One-time tokens in SQLite. */
export function sqliteOneTimeTokens(database: SqliteDatabase): OneTimeTokenStore {
  const db = database.build;

  const read = (purpose: OneTimePurpose, tokenHash: string, now: EpochSeconds): OneTimeTokenRow | undefined =>
    database.all(selectOneTimeToken(db, purpose, { tokenHash, now }))[0];

  /** Uses a token up and does `more` in the same transaction; all or nothing. */
  const consume = (
    purpose: OneTimePurpose,
    at: { tokenHash: string; now: EpochSeconds },
    more: (token: OneTimeTokenRow) => boolean,
  ): Promise<boolean> =>
    database.write(() => {
      const done = database.unlessUndefined(() => {
        const token = read(purpose, at.tokenHash, at.now);
        if (!token || !more(token)) return undefined;
        return database.change(consumeOneTimeToken(db, purpose, at)) > 0 || undefined;
      });
      return done === true;
    });

  return {
    issue: (token, now) =>
      database.write(() => {
        database.change(deleteOldOneTimeTokens(db, now));
        database.change(upsertOneTimeToken(db, token));
      }),
    find: (purpose, tokenHash, now) => database.read(() => read(purpose, tokenHash, now)),
    verifyEmail: (tokenHash, now) =>
      consume('verify_email', { tokenHash, now }, (token) => database.change(updateVerifiedEmail(db, token)) > 0),
    resetPassword: ({ tokenHash, passwordHash, now }) =>
      consume('reset_password', { tokenHash, now }, (token) => {
        const { userId, credentialVersion } = token;
        if (database.change(updatePassword(db, { userId, credentialVersion, passwordHash })) === 0) return false;
        database.change(updateVerifiedEmail(db, token));
        database.change(deleteOneTimeTokens(db, userId, 'verify_email'));
        database.change(revokeSessionsOfUser(db, userId, { reason: 'password_reset', now }));
        return true;
      }),
  };
}
