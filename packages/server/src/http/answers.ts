import { formatChallenge, type ErrorBody } from '@latchkey/protocol';

/** What an endpoint answers; the pipeline makes a Response of it. */
export interface Answer {
  readonly status: number;
  /** Sent as JSON. */
  readonly body?: object;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The `error` of every answer that is not a success; `docs/errors.md` says what to do about each. */
export type ErrorCode =
  | 'invalid_request'
  | 'secret_in_url'
  | 'https_required'
  | 'not_found'
  | 'method_not_allowed'
  | 'unsupported_media_type'
  | 'body_too_large'
  | 'profile_too_large'
  | 'invalid_username'
  | 'invalid_password'
  | 'username_taken'
  | 'invalid_credentials'
  | 'invalid_one_time_token'
  | 'invalid_token'
  | 'unauthorized'
  | 'invalid_grant'
  | 'stale_refresh'
  | 'too_many_attempts'
  | 'temporarily_unavailable'
  | 'server_error';

/** A refusal: status, code and a description that says what to do. Nothing of the request is ever in it. */
export class OAuthError extends Error {
  override readonly name = 'OAuthError';
  readonly status: number;
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  /** Further members of the body. */
  readonly members: Pick<ErrorBody, 'generation' | 'refresh'>;

  constructor(
    status: number,
    code: ErrorCode,
    details: { description: string; headers?: Record<string, string>; members?: OAuthError['members'] },
  ) {
    super(details.description);
    this.status = status;
    this.code = code;
    this.headers = details.headers ?? {};
    this.members = details.members ?? {};
  }

  /** The answer that tells it. */
  toAnswer(requestId: string): Answer {
    const body: ErrorBody = {
      error: this.code,
      error_description: this.message,
      request_id: requestId,
      ...this.members,
    };
    return { status: this.status, body, headers: this.headers };
  }

  /** The response that tells it, for frameworks that catch it outside of the server. */
  toResponse(requestId = ''): Response {
    const { status, body, headers } = this.toAnswer(requestId);
    return Response.json(body, { status, headers: { ...headers, 'Cache-Control': 'no-store' } });
  }
}

/** A body that cannot be understood, or lacks something. */
export const badRequest = (description: string, code: ErrorCode = 'invalid_request'): OAuthError =>
  new OAuthError(400, code, { description });

/** Come back later; the session is kept. */
export const unavailable = (description: string, retryAfterSeconds = 1): OAuthError =>
  new OAuthError(503, 'temporarily_unavailable', {
    description,
    headers: { 'Retry-After': String(retryAfterSeconds) },
  });

/** Asked too often; what is kept of the caller stays as it is. @see RFC 6585 §4 */
export const tooManyAttempts = (description: string, retryAfterSeconds: number): OAuthError =>
  new OAuthError(429, 'too_many_attempts', { description, headers: { 'Retry-After': String(retryAfterSeconds) } });

/** A 401. A challenge names an error only when the access token is what is wrong. @see RFC 6750 §3.1 */
export function unauthorized(code: ErrorCode, description: string): OAuthError {
  const parameters = code === 'invalid_token' ? { error: code, error_description: description } : {};
  return new OAuthError(401, code, {
    description,
    headers: { 'WWW-Authenticate': formatChallenge('Bearer', parameters) },
  });
}

/** The one answer for a refresh token that is forged, ended or reused: which of them is for the audit event alone. */
export const invalidGrant = (): OAuthError =>
  unauthorized('invalid_grant', 'The session has ended or the refresh token is not valid. Sign in again.');
