/** What happened, by the class that says what the caller does next. The table with remedies is in `docs/errors.md`. */
export interface ErrorCodes {
  /** Fix the code or the configuration; thrown at construction. */
  config: 'ERR_CONFIG' | 'ERR_OTHER_ENDPOINT';
  /** Try again later; the session is kept. */
  transient: 'ERR_NETWORK' | 'ERR_TIMEOUT' | 'ERR_SERVER' | 'ERR_BAD_ANSWER' | 'ERR_THROTTLED' | 'ERR_STORAGE';
  /** Sign in again. */
  'signed-out': 'ERR_SIGNED_OUT' | 'ERR_REFUSED' | 'ERR_SESSION_CHANGED';
  /** Report; never retry. */
  protocol: 'ERR_PROTOCOL' | 'ERR_REJECTED' | 'ERR_PROFILE_TOO_LARGE' | 'ERR_PROFILE_NOT_JSON';
  /** The request was not sent; change the request. */
  'request-refused': 'ERR_SECRET_IN_URL' | 'ERR_INSECURE_URL' | 'ERR_BODY_NOT_REPLAYABLE' | 'ERR_SKIP_VALUE';
}

type Kind = keyof ErrorCodes;

/** The base of every error that Latchkey throws. `kind` says what to do next, `code` what happened. */
export class SessionError<K extends Kind = Kind> extends Error {
  readonly kind: K;
  readonly code: ErrorCodes[K];

  constructor(kind: K, message: string, details: { code: ErrorCodes[K]; cause?: unknown }) {
    super(message);
    if ('cause' in details) this.cause = details.cause;
    this.name = 'SessionError';
    this.kind = kind;
    this.code = details.code;
  }
}

/** The code or the configuration is wrong. Thrown at construction, before anything is sent. */
export class ConfigError extends SessionError<'config'> {
  constructor(message: string, code: ErrorCodes['config'] = 'ERR_CONFIG') {
    super('config', message, { code });
    this.name = 'ConfigError';
  }
}

/** No verdict on the session: it is kept, and the call may be repeated. */
export class TransientError extends SessionError<'transient'> {
  /** How long the other end asked to wait, in seconds, when it did. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCodes['transient'],
    message: string,
    options?: { cause?: unknown; retryAfterSeconds?: number | undefined },
  ) {
    super('transient', message, { ...options, code });
    this.name = 'TransientError';
    this.retryAfterSeconds = options?.retryAfterSeconds;
  }
}

/** There is no session (any more): the person has to sign in. */
export class SignedOutError extends SessionError<'signed-out'> {
  constructor(code: ErrorCodes['signed-out'], message: string, options?: { cause?: unknown }) {
    super('signed-out', message, { ...options, code });
    this.name = 'SignedOutError';
  }
}

/** The other end answered something that no repetition mends. */
export class ProtocolError extends SessionError<'protocol'> {
  /** The HTTP status of the answer, when there was one. */
  readonly status: number | undefined;
  /** The `error` member of the answer, such as `invalid_credentials`, when there was one. */
  readonly error: string | undefined;

  constructor(
    code: ErrorCodes['protocol'],
    message: string,
    options?: { cause?: unknown; status?: number | undefined; error?: string | undefined },
  ) {
    super('protocol', message, { ...options, code });
    this.name = 'ProtocolError';
    this.status = options?.status;
    this.error = options?.error;
  }
}

/** A request was not sent because sending it would have leaked something or could not have been repeated. */
export class RequestRefusedError extends SessionError<'request-refused'> {
  constructor(code: ErrorCodes['request-refused'], message: string) {
    super('request-refused', message, { code });
    this.name = 'RequestRefusedError';
  }
}

/** Every error that Latchkey throws, to switch over by `kind` or `code`. */
export type AnySessionError = ConfigError | TransientError | SignedOutError | ProtocolError | RequestRefusedError;

/**
 * Tells whether something thrown is Latchkey's, by shape and not by `instanceof`: two copies of the library may be on
 * one page.
 */
export function isSessionError(value: unknown): value is AnySessionError {
  if (!(value instanceof Error && 'kind' in value && 'code' in value)) return false;
  return typeof value.code === 'string' && value.code.startsWith('ERR_');
}
