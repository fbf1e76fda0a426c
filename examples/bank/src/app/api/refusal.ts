import { HttpErrorResponse } from '@angular/common/http';
import type { Refusal } from './bank-types.js';

/** Tells the body of the API's refusals from whatever else came. */
export const isRefusal = (body: unknown): body is Refusal =>
  typeof body === 'object' && body !== null && ('error' in body || 'error_description' in body);

/** Gives what the API refused a request with, if it did. */
export function refusalOf(error: unknown): Refusal | undefined {
  const body: unknown = error instanceof HttpErrorResponse ? error.error : undefined;
  return isRefusal(body) ? body : undefined;
}

/** Tells whether the API wants the password typed again before it does this. @see RFC 9470, section 3 */
export const wantsFreshSignIn = (error: unknown): boolean =>
  error instanceof HttpErrorResponse &&
  error.status === 401 &&
  (refusalOf(error)?.error === 'insufficient_user_authentication' ||
    (error.headers.get('WWW-Authenticate') ?? '').includes('insufficient_user_authentication'));
