import { formatChallenge } from '@latchkey/protocol';

/** What happened, in the words of the RFCs where they have one; `missing_token` has no error code in its challenge. */
export type VerifyErrorCode =
  | 'missing_token'
  | 'invalid_token'
  | 'invalid_request'
  | 'insufficient_user_authentication'
  | 'temporarily_unavailable';

/** Why a token was refused, for a log; the answer says no more than that it was, or that it has expired. */
export type RefusalReason =
  | 'no_credentials'
  | 'bad_request'
  | 'too_long'
  | 'malformed'
  | 'wrong_header'
  | 'unknown_key'
  | 'bad_signature'
  | 'wrong_issuer'
  | 'wrong_audience'
  | 'expired'
  | 'not_yet_valid'
  | 'malformed_claim'
  | 'missing_claim'
  | 'bound_token'
  | 'stale_sign_in'
  | 'keys_unavailable';

const statuses: Readonly<Record<VerifyErrorCode, number>> = {
  missing_token: 401,
  invalid_token: 401,
  invalid_request: 400,
  insufficient_user_authentication: 401,
  temporarily_unavailable: 503,
};

/** What a `VerifyError` is made of. */
export interface VerifyErrorDetails {
  readonly reason: RefusalReason;
  /** For the caller and for people: no part of a token. */
  readonly description: string;
  /** Further parameters of the challenge. */
  readonly challenge?: Readonly<Record<string, string>>;
  readonly retryAfterSeconds?: number;
  readonly cause?: unknown;
}

/**
 * A request was refused. Answer it with `toResponse()`, or on Node with `status`, `headers` and `body`. Carries no part
 * of any token. @see RFC 6750 §3
 */
export class VerifyError extends Error {
  /** 401, 400, or 503 when nobody can say whether the token is good. */
  readonly status: number;
  readonly code: VerifyErrorCode;
  readonly reason: RefusalReason;
  readonly headers: Readonly<Record<string, string>>;
  /** JSON text: `{ error, error_description }`. */
  readonly body: string;

  constructor(code: VerifyErrorCode, details: VerifyErrorDetails) {
    super(`${details.description} (${details.reason})`, details.cause === undefined ? {} : { cause: details.cause });
    this.name = 'VerifyError';
    this.code = code;
    this.status = statuses[code];
    this.reason = details.reason;
    this.headers = Object.freeze(headersFor(code, details));
    this.body = JSON.stringify({ error: code, error_description: details.description });
  }

  /** Makes the answer to the refused request; a new one at each call. */
  toResponse(): Response {
    return new Response(this.body, { status: this.status, headers: this.headers });
  }
}

function headersFor(code: VerifyErrorCode, details: VerifyErrorDetails): Record<string, string> {
  const { description, challenge, retryAfterSeconds } = details;
  const common = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' };
  if (code === 'temporarily_unavailable') return { ...common, 'Retry-After': String(retryAfterSeconds ?? 1) };
  const said = code === 'missing_token' ? {} : { error: code, error_description: description, ...challenge };
  return { ...common, 'WWW-Authenticate': formatChallenge('Bearer', said) };
}

const invalid = 'The access token is not valid here: sign in, or refresh it.';
const expired = 'The access token has expired: refresh it.';

/** Makes the refusal of a token. */
export function refuseToken(reason: RefusalReason): VerifyError {
  return new VerifyError('invalid_token', { reason, description: reason === 'expired' ? expired : invalid });
}
