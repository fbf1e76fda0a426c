import { randomBytes } from 'node:crypto';
import { epochSeconds } from '@latchkey/protocol';
import {
  type PasswordVerdict,
  argon2Hasher,
  canonicalUsername,
  defaultPasswordHashing,
  judgeNewPassword,
  lazyCommonPasswords,
  pooledRandom,
} from '@latchkey/server';
import { CommandError } from '../command-error.js';
import { withStore } from '../open-store.js';
import { readPassword } from '../password-input.js';
import { print } from '../say.js';
import type { StorePlace } from '../settings/check.js';

const refusals: Readonly<Record<Exclude<PasswordVerdict['kind'], 'ok'>, string>> = {
  malformed: 'The password is not text in UTF-8.',
  too_long: 'The password may have 1,024 bytes.',
  too_short: 'The password must have at least 8 characters.',
  too_common: 'The password is one of the first that anybody would try. Choose another.',
  like_username: 'The password must not be the user name. Choose another.',
};

/** Adds a user, by the rules of sign-up. Prints `{"id", "username"}`. @throws CommandError when a rule is broken */
export async function addUser(place: StorePlace | undefined, typedName: string): Promise<void> {
  const username = canonicalUsername(typedName);
  if (username === undefined) throw new CommandError('A user name has 1 to 254 visible characters.');
  await withStore(place, async ({ users }) => {
    if (await users.findByName(username)) throw taken(username);
    const passwordHash = await hashPassword(username);
    const id = randomBytes(16).toString('base64url');
    const createdAt = epochSeconds(Math.floor(Date.now() / 1000));
    if (!(await users.create({ id, username, passwordHash, profile: '{}', createdAt }))) throw taken(username);
    print(JSON.stringify({ id, username }));
  });
}

const taken = (username: string): CommandError =>
  new CommandError(`There is a user ${username} already. Choose another name.`);

async function hashPassword(username: string): Promise<string> {
  const isCommon = await lazyCommonPasswords()();
  const verdict = judgeNewPassword(await readPassword(), username, isCommon);
  if (verdict.kind !== 'ok') throw new CommandError(refusals[verdict.kind]);
  return argon2Hasher(defaultPasswordHashing, pooledRandom()).hash(verdict.password);
}
