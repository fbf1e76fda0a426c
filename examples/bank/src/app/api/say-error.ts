import { HttpErrorResponse } from '@angular/common/http';
import { type AnySessionError, isSessionError } from '@latchkey/client';
import { isRefusal } from './refusal.js';

const unreachable = 'We cannot reach the bank at the moment. Please check your connection and try again.';
const busy = 'Our server has too much to do at the moment. Please try again in a little while.';
const notSent =
  'This was not sent, because there is something secret in it, such as a password in a search. Please check it.';
const odd = 'Something went wrong on our side. Please try again; if it stays like this, call us.';

/** What the token server says no with, in words for people. */
const refusals: Readonly<Record<string, string>> = {
  invalid_credentials: 'User name and password do not match. Please check both and try again.',
  username_taken: 'Somebody has this user name already. Please choose another one.',
  invalid_username: 'This user name cannot be used. Please choose another one.',
  invalid_password: 'This password is too easy to guess. Please choose a longer or a less common one.',
  too_many_attempts: busy,
};

const transients: Partial<Record<AnySessionError['code'], string>> = {
  ERR_NETWORK: unreachable,
  ERR_SERVER: busy,
  ERR_TIMEOUT: 'The bank takes too long to answer. Please check your connection and try again.',
  ERR_STORAGE: 'Your browser cannot keep anything at the moment. Please free some space on this device and try again.',
};

const statuses: Readonly<Record<number, string>> = {
  0: unreachable,
  401: 'You are no longer signed in. Please sign in again.',
  403: 'This is not for your account. If you think that it should be, call us.',
  404: 'We could not find that. It may have been taken away meanwhile.',
  413: 'This file is too large. Please choose one of 32 MB at most.',
  415: 'This kind of file does not work here. Please choose a PNG, JPEG, WebP, GIF or AVIF picture.',
  429: 'That was too often in a short time. Please wait a minute and try again.',
};

/** Says an error kindly: what happened, and what to do. Shows nothing of its inside. */
export function sayError(error: unknown): string {
  if (error instanceof HttpErrorResponse) return sayHttpError(error);
  return isSessionError(error) ? saySessionError(error) : odd;
}

function sayHttpError({ status, error }: HttpErrorResponse): string {
  const inside: unknown = error;
  // The interceptor hands on why there was no token.
  if (isSessionError(inside)) return saySessionError(inside);
  if (status === 422 && isRefusal(inside) && inside.error_description) return inside.error_description;
  return statuses[status] ?? (status === 502 || status === 503 || status === 504 ? busy : odd);
}

function saySessionError(error: AnySessionError): string {
  if (error.kind === 'transient') return transients[error.code] ?? sayWait(error.retryAfterSeconds);
  if (error.kind === 'signed-out') return statuses[401] ?? odd;
  if (error.kind === 'request-refused') return notSent;
  return (error.kind === 'protocol' ? refusals[error.error ?? ''] : undefined) ?? odd;
}

function sayWait(seconds: number | undefined): string {
  if (seconds === undefined || seconds < 1) return busy;
  const wait = seconds < 90 ? `${Math.ceil(seconds)} seconds` : `${Math.ceil(seconds / 60)} minutes`;
  return `Too many attempts in a short time. Please wait ${wait} and try again.`;
}
