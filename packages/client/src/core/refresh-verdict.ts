import type { ErrorCodes, Seconds, TokenSet } from '@latchkey/protocol';

/** What an answer to a refresh (or sign-in) means for the session. */
export type RefreshVerdict =
  | { readonly kind: 'success'; readonly tokens: TokenSet }
  /** Definitive: the server will never take this refresh token, or these credentials. */
  | { readonly kind: 'refused'; readonly error: string; readonly message: string; readonly status: number }
  /** The token presented has been replaced; `refresh` is the next one up, where the server gives it. */
  | { readonly kind: 'superseded'; readonly generation: number; readonly refresh: string | undefined }
  /** No verdict on the session: keep it and try again. */
  | TransientVerdict;

/** 4xx that say nothing for good: too slow, too early, too often. @see RFC 9110 §15.5.9, RFC 8470 §5.2, RFC 6585 §4 */
export const passingStatuses: readonly number[] = [408, 425, 429];

/** No verdict: no answer, or one that says nothing about the session. */
export interface TransientVerdict {
  readonly kind: 'transient';
  readonly code: ErrorCodes['transient'];
  readonly message: string;
  readonly status: number;
  readonly retryAfter: Seconds | undefined;
}
