import type { EpochSeconds, User } from '@latchkey/protocol';
import type { AccessTokens } from './access-tokens.js';
import type { Background } from './background.js';
import type { AuthEvent } from './events.js';
import type { Answer } from './http/answers.js';
import type { Clock, Keys, Logger, PasswordHasher, Random, Store } from './ports.js';
import type { AuthServerOptions, Settings } from './options.js';
import type { RefreshLimiter } from './refresh-limiter.js';

/** Everything an endpoint works with. */
export interface ServerContext {
  readonly settings: Settings;
  readonly store: Store;
  readonly keys: Keys;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly hasher: PasswordHasher;
  readonly refreshLimiter: RefreshLimiter;
  readonly accessTokens: AccessTokens;
  readonly emit: (event: AuthEvent) => void;
  /** Resolves to the test for common passwords; the list is read when it is first needed. */
  readonly commonPasswords: () => Promise<(lowerCase: string) => boolean>;
  readonly authenticate: AuthServerOptions['authenticate'];
  readonly claims: ((user: User) => Promise<Record<string, unknown>> | Record<string, unknown>) | undefined;
  readonly profile: ((user: User) => unknown) | undefined;
  readonly sendMail: AuthServerOptions['sendMail'];
  readonly emailOf: AuthServerOptions['emailOf'];
  readonly background: Background;
}

/** What is known of the other end of the connection. */
export interface Connection {
  /** The socket's address. */
  readonly remoteAddress?: string | undefined;
}

/** One request that has passed the checks that all share. */
export interface Call {
  readonly server: ServerContext;
  readonly request: Request;
  readonly requestId: string;
  readonly now: EpochSeconds;
  /** The JSON body; empty where there was none. */
  readonly body: Readonly<Record<string, unknown>>;
  /** The part of the path behind `:id`, if the route has one. */
  readonly id: string;
  readonly address: string;
  /** Control characters encoded, at most 256 characters. */
  readonly userAgent: string;
}

/** Answers one method of one path. Refuses by throwing OAuthError. */
export type Endpoint = (call: Call) => Promise<Answer> | Answer;

/** A path and what it can be asked. */
export interface Route {
  readonly path: string;
  readonly methods: Readonly<Partial<Record<'GET' | 'POST' | 'PATCH' | 'DELETE', Endpoint>>>;
  /** Answered over plain http too: it has no secrets, and probes come from inside. */
  readonly isOpen?: boolean;
}

/** The parts of an event that come from the call. */
export function eventOf(call: Call): Pick<AuthEvent, 'at' | 'requestId' | 'address' | 'userAgent'> {
  return { at: call.now, requestId: call.requestId, address: call.address, userAgent: call.userAgent };
}
