import type { Milliseconds } from '@latchkey/protocol';
import { createAccessTokens } from './access-tokens.js';
import { createBackground } from './background.js';
import { lazyCommonPasswords } from './common-passwords.js';
import { type AuthServer, assembleAuthServer } from './create-auth-server.js';
import { createEmitter } from './events.js';
import { createLogger } from './logger.js';
import { argon2Hasher } from './passwords.js';
import { pooledRandom } from './random.js';
import { createRefreshLimiter } from './refresh-limiter.js';
import type { AuthServerOptions } from './options.js';
import { resolveSettings } from './settings.js';

export type { AuthServer } from './create-auth-server.js';
export type { Connection } from './context.js';
export type { AuthEvent, AuthEventType } from './events.js';
export { lazyCommonPasswords } from './common-passwords.js';
export { BusyError, StoreUnavailableError } from './errors.js';
export { type KeyFile, generateKeys, loadKeys } from './keys.js';
export { createLogger } from './logger.js';
export { type PasswordHashing, argon2Hasher, defaultPasswordHashing } from './passwords.js';
export { pooledRandom } from './random.js';
export type * from './ports.js';
export type { Mail, MailKind } from './mails.js';
export type { AuthServerOptions, Credentials, ExternalUser, Lifetimes, Settings } from './options.js';
export { presets } from './presets.js';
export { resolveSettings } from './settings.js';
export { problemsOf } from './settings-check.js';
export { OAuthError, type ErrorCode } from './http/answers.js';
export { type PasswordVerdict, judgeNewPassword } from './core/password-policy.js';
export { canonicalUsername } from './core/user-name.js';
export {
  type IdleRule,
  type RefreshOutcome,
  type RefreshRequest,
  type SuccessorName,
  decide,
  rotated,
} from './core/rotation.js';
export { type ChainEntry, type RevocationReason, type SessionRow, chainEntries } from './core/session-row.js';
export { type ThrottleLimit, type ThrottleLimits, defaultThrottleLimits } from './core/sign-in-throttle.js';

/**
 * Makes a token server. Nothing is read or sent before the first request; it keeps nothing in memory that a second
 * node would need.
 * @throws ConfigError ERR_CONFIG naming each setting that is wrong, its value and the fix
 * @example
 * const store = openSqliteStore({ path: 'latchkey.db' });
 * await store.migrate();
 * const keys = await loadKeys(JSON.parse(await readFile('keys.json', 'utf8')));
 * const server = createAuthServer({ store, keys, issuer: 'https://auth.example.com' });
 */
export function createAuthServer(options: AuthServerOptions): AuthServer {
  const settings = resolveSettings(options);
  const random = options.random ?? pooledRandom();
  const logger = options.logger ?? createLogger();
  const { store, keys, authenticate, claims, profile, sendMail, emailOf } = options;
  return assembleAuthServer({
    settings,
    store,
    keys,
    clock: options.clock ?? { now: () => Date.now() as Milliseconds },
    random,
    logger,
    hasher: argon2Hasher(settings.passwordHashing, random),
    refreshLimiter: createRefreshLimiter(settings.throttle.refreshPerSession),
    accessTokens: createAccessTokens(keys, random, { ...settings, amr: authenticate ? undefined : ['pwd'] }),
    emit: createEmitter(logger, options.onEvent),
    commonPasswords: lazyCommonPasswords(),
    authenticate,
    claims,
    profile,
    sendMail,
    emailOf,
    background: createBackground(logger),
  });
}
