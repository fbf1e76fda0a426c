import { type User, isObject, parseUser, saysInvalidToken, sessionFields } from '@latchkey/protocol';
import type { BackendFactory, UserPatch, WireAnswer } from '../ports.js';
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
      readRefresh: (answer) => readVerdict(answer, refreshDialect),
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
