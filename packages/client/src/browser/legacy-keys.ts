import { type User, decodeAccessToken, isObject, parseUser } from '@latchkey/protocol';
import type { StoredSession } from '../core/session-record.js';
import type { LegacyTokens } from '../ports.js';
import type { LegacyKeys, StorageLike } from '../session.js';

/** Members under which apps keep an access or refresh token in JSON of their own. */
const members = {
  access: ['access', 'accessToken', 'access_token', 'token'],
  refresh: ['refresh', 'refreshToken', 'refresh_token'],
} as const;

type What = keyof typeof members;

/** The keys of the time before Latchkey: read, and kept in step, so that going back signs nobody out. */
export interface LegacyStorage {
  /** `signed-out`: the version of before has removed what was kept in step for it. */
  read(): LegacyTokens | 'signed-out' | undefined;
  /** Writes the tokens where they lay, in the shape that they had; removes them when the session is over. */
  mirror(session: StoredSession | null): void;
}

/**
 * Makes the bridge to an app's old keys. Keys that are not there are not made. `mark` is a key of ours, there while they
 * are in step: always written after them and removed before them.
 */
export function legacyStorage(keys: LegacyKeys, mark: string, storage: StorageLike | undefined): LegacyStorage {
  const isThere = (key: string): boolean => typeof storage?.getItem(key) === 'string';
  const find = (what: What): string | undefined => {
    const text = storage?.getItem(keys[what]) ?? null;
    const token = text === null ? undefined : (keys.parse?.(text, what) ?? tokenIn(text, what));
    // What a hand-written sign-out leaves there.
    return token === '' || token === 'undefined' || token === 'null' ? undefined : token;
  };
  const put = (what: What, token: string): void => {
    const text = storage?.getItem(keys[what]) ?? null;
    const next = text === null || keys.parse ? undefined : withToken(text, what, token);
    if (next !== undefined && next !== text) storage?.setItem(keys[what], next);
  };
  /** The same person's is left alone, in whatever shape it is. */
  const putUser = (user: User | null): void => {
    const key = keys.user;
    const text = (key === undefined ? null : storage?.getItem(key)) ?? null;
    if (key === undefined || text === null || (user && readUser(text)?.id === user.id)) return;
    if (user) storage?.setItem(key, JSON.stringify(user));
    else storage?.removeItem(key);
  };
  return {
    read() {
      try {
        const accessToken = find('access');
        const refreshToken = find('refresh');
        if (accessToken === undefined && refreshToken === undefined && isThere(mark)) return 'signed-out';
        if (accessToken === undefined || refreshToken === undefined) return undefined;
        const user = keys.user === undefined ? undefined : readUser(storage?.getItem(keys.user) ?? null);
        return { accessToken, refreshToken, user, issuedAt: decodeAccessToken(accessToken)?.claims.iat };
      } catch {
        return undefined;
      }
    },
    mirror(session) {
      try {
        if (!session) {
          for (const key of [mark, keys.access, keys.refresh, keys.user])
            if (key !== undefined) storage?.removeItem(key);
          return;
        }
        put('access', session.accessToken);
        put('refresh', session.refreshToken);
        putUser(session.user);
        if (isThere(keys.access) && isThere(keys.refresh)) storage?.setItem(mark, '1');
      } catch {
        // A full or blocked storage: the old keys fall behind, the session does not.
      }
    },
  };
}

function tokenIn(text: string, what: What): string | undefined {
  const value = parsed(text);
  if (typeof value === 'string') return value;
  const name = isObject(value) ? memberOf(value, what) : undefined;
  return isObject(value) && name !== undefined ? (value[name] as string) : undefined;
}

function withToken(text: string, what: What, token: string): string | undefined {
  const value = parsed(text);
  if (typeof value === 'string') return text.startsWith('"') ? JSON.stringify(token) : token;
  const name = isObject(value) ? memberOf(value, what) : undefined;
  return isObject(value) && name !== undefined ? JSON.stringify({ ...value, [name]: token }) : undefined;
}

const memberOf = (value: Record<string, unknown>, what: What): string | undefined =>
  members[what].find((name) => typeof value[name] === 'string');

/** JSON, or the text itself where it is none: a raw token. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const readUser = (text: string | null): User | undefined => parseUser(parsed(text ?? ''));
