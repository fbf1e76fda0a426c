import {
  type User,
  decodeAccessToken,
  isObject,
  parseUser,
  saysInvalidToken,
  seconds,
  sessionFields,
} from '@latchkey/protocol';
import type { RefreshVerdict } from '../core/refresh-verdict.js';
import type { BackendFactory, UserPatch, WireAnswer, WireFailure } from '../ports.js';
import { type Dialect, readVerdict } from './verdicts.js';

/** Where a Django REST framework API with SimpleJWT stands; the paths are those that its own guide uses. */
export interface SimpleJwtOptions {
  /** Base of the paths below; default the first API's origin. */
  readonly url?: string;
  /** `TokenObtainPairView`; default `/api/token/`. */
  readonly signInPath?: string;
  /** `TokenRefreshView`; default `/api/token/refresh/`. */
  readonly refreshPath?: string;
  /** `TokenBlacklistView`, where the blacklist app is installed: signing out then ends the session there too. */
  readonly signOutPath?: string;
  /** Gives the user, as neither sign-in nor refresh does: loaded after each. */
  readonly userUrl?: string;
  /** Reads your user's JSON; default `{id, username, …}`, all other members as the profile. */
  readonly readUser?: (body: Readonly<Record<string, unknown>>) => User | undefined;
}

const saysTokenNotValid = (body: unknown): boolean => isObject(body) && body['code'] === 'token_not_valid';

/** 401 with `token_not_valid` is its word for a refused refresh token. */
const refreshDialect: Dialect = {
  fields: sessionFields,
  refusal: ({ status, body }) => (status === 401 && saysTokenNotValid(body) ? 'token_not_valid' : undefined),
};

/** Sign-in is refused with 400 or 401 and a JSON body; anything else says nothing about the credentials. */
const signInDialect: Dialect = {
  fields: sessionFields,
  refusal: ({ status, body }) => ([400, 401].includes(status) && isObject(body) ? 'invalid_credentials' : undefined),
};

/** Where nothing tells the lifetime: what SimpleJWT comes with, and what is taken for any token that does not say. */
const usualLifetime = 300;

/**
 * Reads a refresh, and reckons the lifetime that the access token itself does not tell: SimpleJWT copies `iat` into it from
 * the refresh token presented, so that `exp − iat` counts that one's age, too. What was made at the same moment does tell:
 * the new refresh token, or the answer's `Date`, which a page of another origin sees if it is exposed.
 */
function readRefresh(answer: WireAnswer | WireFailure): RefreshVerdict {
  const verdict = readVerdict(answer, refreshDialect);
  if (verdict.kind !== 'success' || !('header' in answer)) return verdict;
  const { accessToken, refreshToken = '', expiresIn } = verdict.tokens;
  const { exp, iat } = decodeAccessToken(accessToken)?.claims ?? {};
  if (expiresIn !== undefined || exp === undefined || iat === undefined) return verdict;
  const madeAt = decodeAccessToken(refreshToken)?.claims.iat ?? Date.parse(answer.header('date') ?? '') / 1000;
  const lifetime = Math.min(exp - iat, exp > madeAt ? exp - madeAt : usualLifetime);
  return lifetime > 0 ? { ...verdict, tokens: { ...verdict.tokens, expiresIn: seconds(lifetime) } } : verdict;
}

/**
 * Signs in to Django REST framework with SimpleJWT, rotating or not. Its rotation is strict single use: where a response
 * is lost after the server rotated, the session is lost there, which no client can mend (`docs/guide.md`).
 */
export function simpleJwt(options: SimpleJwtOptions = {}): BackendFactory {
  return ({ apiUrl }) => {
    const at = (path: string): string => new URL(path, new URL(options.url ?? '/', apiUrl)).href;
    const refreshUrl = at(options.refreshPath ?? '/api/token/refresh/');
    const { signOutPath, userUrl } = options;
    return {
      endpoint: refreshUrl,
      idempotent: false,
      signIn: (credentials) => ({ method: 'POST', url: at(options.signInPath ?? '/api/token/'), body: credentials }),
      refresh: ({ refreshToken }) => ({ method: 'POST', url: refreshUrl, body: { refresh: refreshToken } }),
      readTokens: (answer) => readVerdict(answer, signInDialect),
      readRefresh,
      ...(signOutPath !== undefined && {
        signOut: (refreshToken: string) =>
          ({ method: 'POST', url: at(signOutPath), body: { refresh: refreshToken }, keepalive: true }) as const,
      }),
      ...(userUrl !== undefined && {
        loadUser: () => ({ method: 'GET', url: at(userUrl) }) as const,
        updateUser: ({ profile }: UserPatch) => ({ method: 'PATCH', url: at(userUrl), body: profile }) as const,
        readUser: (answer: WireAnswer) => readUser(answer, options.readUser),
      }),
      saysInvalidToken: async (challenge, body) => saysInvalidToken(challenge) || saysTokenNotValid(await body()),
    };
  };
}

function readUser({ body }: WireAnswer, ownReader: SimpleJwtOptions['readUser']): User | undefined {
  if (!isObject(body)) return undefined;
  if (ownReader) return ownReader(body);
  const { id, username, profile, ...rest } = body;
  return parseUser({ id, username, profile: profile ?? rest });
}
