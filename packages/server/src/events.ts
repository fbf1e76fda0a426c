import { hash } from 'node:crypto';
import type { EpochSeconds } from '@latchkey/protocol';
import type { Logger } from './ports.js';

/** What can happen to a session or an account. */
export type AuthEventType =
  | 'signed_up'
  | 'signed_in'
  | 'sign_in_failed'
  | 'throttled'
  | 'refreshed'
  | 'refresh_refused'
  | 'refresh_reused'
  | 'refresh_repeated_often'
  | 'signed_out'
  | 'signed_out_everywhere'
  | 'session_ended'
  | 'password_changed'
  | 'password_change_failed'
  | 'password_reset_requested'
  | 'password_reset'
  | 'email_verification_requested'
  | 'email_verified'
  | 'one_time_token_refused'
  | 'profile_changed';

/** One authentication event. No token, password or key is ever in it, and session ids only hashed. */
export interface AuthEvent {
  readonly type: AuthEventType;
  readonly at: EpochSeconds;
  readonly requestId: string;
  readonly address: string;
  readonly userAgent: string;
  readonly userId?: string;
  /** First 16 characters of the SHA-256 of the session id: the same in every event and log line of a session. */
  readonly session?: string;
  /** More about it, such as the outcome of a refresh: `rotated`, `repeat`, `stale`, `old`, `reused`. */
  readonly reason?: string;
}

/** Hashes a session id for logs and events. */
export const hashSessionId = (sessionId: string): string => hash('sha256', sessionId, 'base64url').slice(0, 16);

/** All that may stand in a log line; anything else is left out, whoever passed it. */
const allowed = [
  'event',
  'request_id',
  'method',
  'route',
  'status',
  'error',
  'user',
  'session',
  'address',
  'user_agent',
  'reason',
  'frames',
  'port',
] as const;

/** A log line's fields. */
export type LogFields = Partial<Record<(typeof allowed)[number], string | number | undefined>>;

/** Reduces fields to those of the allow-list, with what could forge a line or betray a token taken out. */
export function toLogLine(fields: LogFields): Record<string, string | number> {
  const line: Record<string, string | number> = {};
  for (const name of allowed) {
    const value = fields[name];
    if (value !== undefined)
      line[name] = typeof value === 'string' ? cleanText(value, name === 'frames' ? 1000 : 256) : value;
  }
  return line;
}

/** Encodes control characters, cuts what is long, and blots out what looks like a token. */
export function cleanText(text: string, longest = 256): string {
  return text
    .slice(0, 2 * longest)
    .replace(/lko?1_[\w.-]+|eyJ[\w-]+\.[\w.-]+/g, '[token]')
    .replace(/[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .slice(0, longest);
}

/** Tells an event to the log and to the app's hook. */
export function createEmitter(logger: Logger, onEvent?: (event: AuthEvent) => void): (event: AuthEvent) => void {
  return (event) => {
    const level = isAlarming(event) ? 'warn' : 'info';
    const { type, requestId, userAgent, userId, ...rest } = event;
    const line = { ...rest, event: type, request_id: requestId, user_agent: userAgent, user: userId };
    logger[level](toLogLine(line), type);
    const failed = (error: unknown): void =>
      logger.error(toLogLine({ event: 'hook_failed', ...describeError(error) }), 'The onEvent hook threw.');
    try {
      // It may be an async function all the same, whose rejection would end the process.
      const result: unknown = onEvent?.(event);
      if (result instanceof Promise) result.catch(failed);
    } catch (error) {
      failed(error);
    }
  };
}

/** What somebody should look at: a stolen token, a captured request, a key file that lost a key. */
const isAlarming = ({ type, reason }: AuthEvent): boolean =>
  type === 'refresh_reused' || type === 'refresh_repeated_often' || reason === 'retired_key';

/** What a log may say of an unexpected error: never its message, which may quote a request. */
export function describeError(error: unknown): Pick<LogFields, 'error' | 'frames'> {
  if (!(error instanceof Error)) return { error: typeof error };
  const code = 'code' in error ? ` ${String(error.code)}` : '';
  const frames = (error.stack ?? '').split('\n').filter((line) => line.startsWith('    at '));
  return {
    error: error.name + code,
    frames: frames
      .slice(0, 3)
      .map((line) => line.trim())
      .join(' | '),
  };
}
