import { ConfigError, type Seconds } from '@latchkey/protocol';
import { defaultThrottleLimits } from './core/sign-in-throttle.js';
import type { AuthServerOptions, Settings } from './options.js';
import { defaultPasswordHashing } from './passwords.js';
import { presets } from './presets.js';
import { problemsOf } from './settings-check.js';

/**
 * Fills in defaults and checks all of it.
 * @throws ConfigError ERR_CONFIG with every setting that is wrong, its value and the fix
 */
export function resolveSettings(options: AuthServerOptions): Settings {
  const problems = problemsOf(options);
  if (problems.length > 0) throw new ConfigError(problems.join(' '));
  const lifetimes = { ...presets[options.preset ?? 'everyday'], ...options.lifetimes };
  return Object.freeze({
    issuer: options.issuer,
    audience: options.audience ?? options.issuer,
    prefix: options.prefix ?? '/auth',
    clientId: options.clientId ?? 'latchkey',
    accessSeconds: lifetimes.accessSeconds as Seconds,
    idleSeconds: lifetimes.idleSeconds as Seconds,
    absoluteSeconds: lifetimes.absoluteSeconds as Seconds | 'off',
    idleCountedFrom: options.idleCountedFrom ?? lifetimes.idleCountedFrom,
    allowOrigins: new Set(options.allowOrigins),
    allowLoopbackOrigins: options.allowLoopbackOrigins ?? false,
    trustProxy: options.trustProxy ?? false,
    allowHttp: options.allowHttp ?? false,
    passwordHashing: { ...defaultPasswordHashing, ...options.passwordHashing },
    throttle: { ...defaultThrottleLimits, ...options.throttle },
    resetLink: options.resetLink,
    verifyLink: options.verifyLink,
    keylessLeewaySeconds: (options.keylessLeewaySeconds ?? 0) as Seconds,
  });
}
