import type { EpochSeconds } from '@latchkey/protocol';
import type { Kysely } from 'kysely';
import type { OneTimePurpose, OneTimeTokenRow } from '../ports.js';
import type { Tables } from './schema.js';

type Db = Kysely<Tables>;

/** Keeps a token in place of the earlier one of that user and purpose. */
export function upsertOneTimeToken(db: Db, token: Omit<OneTimeTokenRow, 'usedAt'>) {
  const fresh = {
    token_hash: token.tokenHash,
    email: token.email,
    credential_version: token.credentialVersion,
    expires_at: token.expiresAt,
    used_at: null,
  };
  return db
    .insertInto('one_time_tokens')
    .values({ user_id: token.userId, purpose: token.purpose, ...fresh })
    .onConflict((conflict) => conflict.columns(['user_id', 'purpose']).doUpdateSet(fresh));
}

/** A token that has not expired, used or not. */
export function selectOneTimeToken(db: Db, purpose: OneTimePurpose, at: { tokenHash: string; now: EpochSeconds }) {
  return db
    .selectFrom('one_time_tokens')
    .select([
      'user_id as userId',
      'purpose',
      'token_hash as tokenHash',
      'email',
      'credential_version as credentialVersion',
      'expires_at as expiresAt',
      'used_at as usedAt',
    ])
    .where('token_hash', '=', at.tokenHash)
    .where('purpose', '=', purpose)
    .where('expires_at', '>', at.now);
}

/** Uses a token up: changes one row for one caller, and none for all others. */
export function consumeOneTimeToken(db: Db, purpose: OneTimePurpose, at: { tokenHash: string; now: EpochSeconds }) {
  return db
    .updateTable('one_time_tokens')
    .set({ used_at: at.now })
    .where('token_hash', '=', at.tokenHash)
    .where('purpose', '=', purpose)
    .where('used_at', 'is', null)
    .where('expires_at', '>', at.now);
}

/** Makes a user's tokens of one purpose void. */
export function deleteOneTimeTokens(db: Db, userId: string, purpose: OneTimePurpose) {
  return db.deleteFrom('one_time_tokens').where('user_id', '=', userId).where('purpose', '=', purpose);
}

/**
 * Sweeps a few tokens that have expired: a little with each new one, never a long lock. With `skipsLocked` it leaves those
 * alone that others are replacing: two of them would wait for each other.
 */
export function deleteOldOneTimeTokens(db: Db, now: EpochSeconds, { skipsLocked = false } = {}) {
  return db.deleteFrom('one_time_tokens').where('token_hash', 'in', (build) =>
    build
      .selectFrom('one_time_tokens')
      .select('token_hash')
      .where('expires_at', '<=', now)
      .limit(4)
      .$if(skipsLocked, (select) => select.forUpdate().skipLocked()),
  );
}

/** Notes an address as verified. */
export function updateVerifiedEmail(db: Db, { userId, email }: Pick<OneTimeTokenRow, 'userId' | 'email'>) {
  return db.updateTable('users').set({ verified_email: email }).where('id', '=', userId);
}
