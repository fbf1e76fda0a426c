import type { EpochSeconds } from '@latchkey/protocol';
import type { OneTimePurpose, OneTimeTokenRow, OneTimeTokenStore } from '../ports.js';
import { type MemoryTables, type Step, changeUser } from './memory-users.js';

/** One-time tokens in memory; `endSessions` ends all of a user's. */
export function memoryOneTimeTokens(
  { oneTimeTokens, users }: MemoryTables,
  step: Step,
  endSessions: (userId: string, now: EpochSeconds) => void,
): OneTimeTokenStore {
  const keyOf = (userId: string, purpose: OneTimePurpose): string => JSON.stringify([userId, purpose]);
  const put = (row: OneTimeTokenRow) => void oneTimeTokens.set(keyOf(row.userId, row.purpose), row);
  const find = (purpose: OneTimePurpose, tokenHash: string, now: EpochSeconds) =>
    [...oneTimeTokens.values()].find(
      (row) => row.tokenHash === tokenHash && row.purpose === purpose && row.expiresAt > now,
    );
  const findUnused = (...at: Parameters<typeof find>) => {
    const row = find(...at);
    return row?.usedAt === null ? row : undefined;
  };
  return {
    issue: (token) => step(() => put({ ...token, usedAt: null })),
    find: (purpose, tokenHash, now) => step(() => find(purpose, tokenHash, now)),
    verifyEmail: (tokenHash, now) =>
      step(() => {
        const row = findUnused('verify_email', tokenHash, now);
        if (!row || !changeUser(users, row.userId, (user) => ({ ...user, verifiedEmail: row.email }))) return false;
        put({ ...row, usedAt: now });
        return true;
      }),
    resetPassword: ({ tokenHash, passwordHash, now }) =>
      step(() => {
        const row = findUnused('reset_password', tokenHash, now);
        const user = row && users.get(row.userId);
        if (!row || user?.credentialVersion !== row.credentialVersion) return false;
        const raised = { epoch: user.epoch + 1, credentialVersion: user.credentialVersion + 1 };
        users.set(user.id, { ...user, ...raised, passwordHash, verifiedEmail: row.email });
        put({ ...row, usedAt: now });
        oneTimeTokens.delete(keyOf(user.id, 'verify_email'));
        endSessions(user.id, now);
        return true;
      }),
  };
}
