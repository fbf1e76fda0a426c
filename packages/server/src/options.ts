import type { Seconds, User } from '@latchkey/protocol';
import type { ThrottleLimits } from './core/sign-in-throttle.js';
import type { AuthEvent } from './events.js';
import type { Mail } from './mails.js';
import type { PasswordHashing } from './passwords.js';
import type { Clock, Keys, Logger, Random, Store } from './ports.js';

/** How long things live, in seconds. */
export interface Lifetimes {
  readonly accessSeconds: number;
  /** A session that is not refreshed (or, with `idleCountedFrom: 'activity'`, not used) for so long has ended. */
  readonly idleSeconds: number;
  /** No refresh moves this end; `'off'` for none. */
  readonly absoluteSeconds: number | 'off';
}

/** What a person typed to sign in. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** A user whom the app's own table knows. */
export interface ExternalUser {
  readonly id: string;
  readonly username: string;
  /** The profile that a first sign-in begins with. */
  readonly profile?: Readonly<Record<string, unknown>>;
}

/** Options of `createAuthServer`. */
export interface AuthServerOptions {
  readonly store: Store;
  readonly keys: Keys;
  /** The claim `iss`: the server's outside origin, compared character by character. */
  readonly issuer: string;
  /** The claim `aud`; default the issuer. */
  readonly audience?: string;
  /** Where the JSON endpoints stand; default `/auth`. */
  readonly prefix?: string;
  /** `everyday` (default): 15 min, 30 days, 1 year. `bank`: 5 min, 15 min of inactivity, 12 h. */
  readonly preset?: 'everyday' | 'bank';
  readonly lifetimes?: Partial<Lifetimes>;
  /** What moves the idle end: any refresh, or only what the person did. Default by preset. */
  readonly idleCountedFrom?: 'refresh' | 'activity';
  /** Origins of the web apps that may call, exact. */
  readonly allowOrigins?: readonly string[];
  /** Also any origin on a loopback host; for development. */
  readonly allowLoopbackOrigins?: boolean;
  /** Believe the last hop of X-Forwarded-For and X-Forwarded-Proto: only behind a proxy that sets both. */
  readonly trustProxy?: boolean;
  /** Serve plain http to other machines; for development in a LAN. */
  readonly allowHttp?: boolean;
  readonly clock?: Clock;
  readonly random?: Random;
  /** Default: warnings and errors as JSON lines to standard error. */
  readonly logger?: Logger;
  /** Called with each authentication event; what it throws is logged and changes nothing. */
  readonly onEvent?: (event: AuthEvent) => void;
  /** Checks a password against the app's own user table; `undefined` refuses. Ends sign-up and password change here. */
  readonly authenticate?: (credentials: Credentials) => Promise<ExternalUser | undefined>;
  /** Further claims of the access token; registered ones cannot be changed. Keep it quick: refreshes wait for it. */
  readonly claims?: (user: User) => Promise<Record<string, unknown>> | Record<string, unknown>;
  /** The profile as answers show it. */
  readonly profile?: (user: User) => unknown;
  /**
   * Sends a mail: password resets, address verification, notices. Called after the answer; what it throws is logged.
   * `mail.link` and `mail.text` hold a secret: log neither.
   */
  readonly sendMail?: (mail: Mail) => Promise<void> | void;
  /** The e-mail address of a user; default the user name, if it is one. `undefined`: this user gets no mail. */
  readonly emailOf?: (user: User) => Promise<string | undefined> | string | undefined;
  /** The app's page where a new password is chosen; mails lead there with `#token=…`. Without it no reset. */
  readonly resetLink?: string;
  /** The app's page that confirms an e-mail address; mails lead there with `#token=…`. Without it no verification. */
  readonly verifyLink?: string;
  readonly passwordHashing?: Partial<PasswordHashing>;
  readonly throttle?: Partial<ThrottleLimits>;
  /**
   * For so long after a refresh without an idempotency key the same refresh is answered again, 0 to 60 seconds. Default
   * 0: strict single use. Above 0, a thief of such a client's token may go unnoticed. Clients with a key need none.
   */
  readonly keylessLeewaySeconds?: number;
  /** The claim `client_id`; default `latchkey`. */
  readonly clientId?: string;
}

/** Options with every default filled in. */
export interface Settings {
  readonly issuer: string;
  readonly audience: string;
  readonly prefix: string;
  readonly clientId: string;
  readonly accessSeconds: Seconds;
  readonly idleSeconds: Seconds;
  readonly absoluteSeconds: Seconds | 'off';
  readonly idleCountedFrom: 'refresh' | 'activity';
  readonly allowOrigins: ReadonlySet<string>;
  readonly allowLoopbackOrigins: boolean;
  readonly trustProxy: boolean;
  readonly allowHttp: boolean;
  readonly passwordHashing: PasswordHashing;
  readonly throttle: ThrottleLimits;
  readonly keylessLeewaySeconds: Seconds;
  readonly resetLink: string | undefined;
  readonly verifyLink: string | undefined;
}
