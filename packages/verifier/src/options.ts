import { ConfigError, type Seconds, milliseconds, seconds } from '@latchkey/protocol';
import type { Clock } from './ports.js';

/** What an API expects of the tokens that it accepts. */
export interface VerifierOptions {
  /** The `iss` of the tokens, letter by letter: the address that the token server was given as its issuer. */
  readonly issuer: string;
  /** What must stand in `aud`; the issuer, unless the token server was told otherwise. */
  readonly audience?: string;
  /** Where the issuer's keys are; `<issuer>/.well-known/jwks.json` unless stated. */
  readonly jwksUrl?: string;
  /** Allowed difference between the issuer's clock and ours, 0 to 60, in seconds; 5 unless stated. */
  readonly clockToleranceSeconds?: number;
  /** Query parameters that no request may have; those of the protocol unless stated. */
  readonly secretParameters?: readonly string[];
  /** Lets keys be fetched over plain http from elsewhere than this machine: for a network that nobody else is on. */
  readonly allowHttp?: boolean;
  /** Tells the time; the machine's unless stated. */
  readonly clock?: Clock;
  /** Fetches the keys; the global one unless stated. */
  readonly fetch?: typeof globalThis.fetch;
}

/** Options, checked, with everything filled in. */
export interface VerifierSettings {
  readonly expected: { readonly issuer: string; readonly audience: string; readonly clockToleranceSeconds: Seconds };
  readonly jwksUrl: URL;
  readonly secretParameters: readonly string[] | undefined;
  readonly clock: Clock;
  readonly fetch: typeof globalThis.fetch;
}

/**
 * Checks options.
 * @throws ConfigError ERR_CONFIG when one would make the verifier useless or unsafe; it names the option and the fix.
 */
export function checkOptions(options: VerifierOptions): VerifierSettings {
  const { issuer, audience = issuer, clockToleranceSeconds: tolerance = 5 } = options;
  if (typeof issuer !== 'string' || !URL.canParse(issuer)) {
    throw new ConfigError(
      `issuer is ${show(issuer)}: give the token server's address, as in https://auth.example.com.`,
    );
  }
  if (typeof audience !== 'string' || audience === '') {
    throw new ConfigError(`audience is ${show(audience)}: give the text that this API's tokens have in \`aud\`.`);
  }
  if (!(tolerance >= 0 && tolerance <= 60)) {
    throw new ConfigError(`clockToleranceSeconds is ${show(tolerance)}: give 0 to 60.`);
  }
  return {
    expected: { issuer, audience, clockToleranceSeconds: seconds(tolerance) },
    jwksUrl: checkJwksUrl(options.jwksUrl ?? `${issuer.replace(/\/$/, '')}/.well-known/jwks.json`, options.allowHttp),
    secretParameters: options.secretParameters && [...options.secretParameters],
    clock: options.clock ?? { now: () => milliseconds(Date.now()) },
    fetch: options.fetch ?? ((input, init) => globalThis.fetch(input, init)),
  };
}

/** Who can change the keys on their way can sign tokens, so they come over TLS or do not leave the machine. */
function checkJwksUrl(address: string, allowHttp = false): URL {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  const isLoopback = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(url?.hostname ?? '');
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && (isLoopback || allowHttp))) return url;
  throw new ConfigError(
    `jwksUrl is ${show(address)}: give an https address. If the keys come over a network that nobody else is on, set allowHttp: true.`,
  );
}

const show = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value));
