import type { EpochSeconds } from '@latchkey/protocol';
import type { OneTimePurpose, OneTimeTokenRow, OneTimeTokenStore, PasswordReset } from '../ports.js';
import {
  consumeOneTimeToken,
  deleteOldOneTimeTokens,
  deleteOneTimeTokens,
  selectOneTimeToken,
  updateVerifiedEmail,
  upsertOneTimeToken,
} from './one-time-token-queries.js';
import type { PostgresDatabase, Statements } from './postgres-database.js';
import { revokeSessionsOfUser, selectUser, updatePassword } from './queries.js';

/** One-time tokens in PostgreSQL. After a lost connection each step finds what an earlier try of its own has written. */
export function postgresOneTimeTokens(database: PostgresDatabase): OneTimeTokenStore {
  const db = database.build;

  const read = async ({ all }: Statements, purpose: OneTimePurpose, at: { tokenHash: string; now: EpochSeconds }) =>
    (await all(selectOneTimeToken(db, purpose, at)))[0];

  /** Locks the user row first, as whatever ends all sessions does. */
  const reset = async (tx: Statements, token: OneTimeTokenRow, change: PasswordReset): Promise<boolean> => {
    const { passwordHash, now } = change;
    const { userId, credentialVersion } = token;
    if ((await tx.change(updatePassword(db, { userId, credentialVersion, passwordHash }))) === 0) {
      // The hash has a salt: where it stands, an earlier try of ours has written it.
      return tx.isRerun && (await tx.all(selectUser(db, 'id', userId)))[0]?.passwordHash === passwordHash;
    }
    if ((await tx.change(consumeOneTimeToken(db, 'reset_password', change))) === 0) return false;
    await tx.change(updateVerifiedEmail(db, token));
    await tx.change(deleteOneTimeTokens(db, userId, 'verify_email'));
    await tx.change(revokeSessionsOfUser(db, userId, { reason: 'password_reset', now }));
    return true;
  };

  return {
    issue: (token, now) =>
      database.write(async (tx) => {
        await tx.change(upsertOneTimeToken(db, token));
        await tx.change(deleteOldOneTimeTokens(db, now, { skipsLocked: true }));
      }),
    find: (purpose, tokenHash, now) => database.run((statements) => read(statements, purpose, { tokenHash, now })),
    verifyEmail: (tokenHash, now) =>
      database.write(
        async (tx) => {
          const token = await read(tx, 'verify_email', { tokenHash, now });
          if (!token) return false;
          if ((await tx.change(updateVerifiedEmail(db, token))) === 0) return false;
          const consumed = await tx.change(consumeOneTimeToken(db, 'verify_email', { tokenHash, now }));
          return consumed > 0 || (tx.isRerun && token.usedAt === now);
        },
        (isDone) => isDone,
      ),
    resetPassword: (change) =>
      database.write(
        async (tx) => {
          const token = await read(tx, 'reset_password', change);
          return token !== undefined && reset(tx, token, change);
        },
        (isDone) => isDone,
      ),
  };
}
