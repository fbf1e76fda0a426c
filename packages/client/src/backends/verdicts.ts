import { type Seconds, type TokenFields, parseErrorBody, parseTokenResponse, seconds } from '@latchkey/protocol';
import type { RefreshVerdict, TransientVerdict } from '../core/refresh-verdict.js';
import type { WireAnswer, WireFailure } from '../ports.js';

/** Longer than anybody waits; a larger Retry-After is a mistake of unit. */
const longestRetryAfter = 3600;

/** How a backend says no. */
export interface Dialect {
  readonly fields: TokenFields;
  /** The text of a definitive refusal, such as `invalid_grant`; `undefined` if the answer is none. */
  refusal(answer: WireAnswer): string | undefined;
}

/**
 * Judges an answer to a token request. Whatever is neither tokens nor the backend's own word of refusal says nothing
 * about the session: no answer, 408, 425, 429, 5xx, a captive portal's page, a body cut short, a 200 without a token.
 */
export function readVerdict(answer: WireAnswer | WireFailure, dialect: Dialect): RefreshVerdict {
  if (!('body' in answer)) return noAnswer(answer.failure);
  const { status } = answer;
  if (status >= 200 && status < 300) {
    const tokens = parseTokenResponse(answer.body, dialect.fields);
    return tokens ? { kind: 'success', tokens } : transient(answer, 'ERR_BAD_ANSWER', withoutToken);
  }
  const error = dialect.refusal(answer);
  if (error === undefined) return noVerdict(answer);
  const told = parseErrorBody(answer.body)?.error_description;
  return { kind: 'refused', error, message: told ?? `The server refused: ${error}.`, status };
}

const withoutToken = 'The server answered without a token; a captive portal or a proxy may stand between.';

function noAnswer(failure: WireFailure['failure']): TransientVerdict {
  const timeout = failure === 'timeout';
  const message = timeout
    ? 'The server did not answer in time.'
    : 'The server cannot be reached: no network, or CORS does not allow this page.';
  return {
    kind: 'transient',
    code: timeout ? 'ERR_TIMEOUT' : 'ERR_NETWORK',
    message,
    status: 0,
    retryAfter: undefined,
  };
}

function noVerdict(answer: WireAnswer): TransientVerdict {
  const { status } = answer;
  return status === 429
    ? transient(answer, 'ERR_THROTTLED', 'The server asks to wait: too many requests.')
    : transient(answer, 'ERR_SERVER', `The server answered ${status}.`);
}

function transient(answer: WireAnswer, code: TransientVerdict['code'], message: string): TransientVerdict {
  return { kind: 'transient', code, message, status: answer.status, retryAfter: retryAfterOf(answer) };
}

/** Retry-After in seconds; the form with a date is of the server's clock and is not used. @see RFC 9110 §10.2.3 */
function retryAfterOf(answer: WireAnswer): Seconds | undefined {
  const text = answer.header('retry-after');
  return text !== undefined && /^\d{1,9}$/.test(text) ? seconds(Math.min(Number(text), longestRetryAfter)) : undefined;
}
