import type { SessionEvent } from '@latchkey/client';

/** Which token server the page talks to; plain data, so that it can be written into the page. */
export type PageBackend =
  | { readonly kind: 'latchkey' }
  | { readonly kind: 'simpleJwt'; readonly userUrl: string }
  | { readonly kind: 'oauth'; readonly url: string; readonly clientId: string };

/** What the page is told when it is loaded. */
export interface PageSettings {
  readonly api: string;
  readonly backend: PageBackend;
  /** What the app calls, again and again. */
  readonly callUrl: string;
  /** Milliseconds from the end of a call to the next one. */
  readonly betweenCalls: number;
  readonly requestTimeoutSeconds: number;
}

/** One call of the app, as the app saw it; times by the machine's clock. */
export interface Call {
  readonly begun: number;
  readonly ended: number;
  /** `ok`, `status N`, or the code or name of the error. */
  readonly outcome: string;
  /** When the access token that the tab had at the end expires; `undefined` without one. */
  readonly expiresAt: number | undefined;
  /** The newest of the session's timeline, oldest first; only where the call failed. */
  readonly timeline: readonly SessionEvent[];
}

/** What the page tells the test. */
export type Told =
  | { readonly type: 'call'; readonly call: Call }
  | { readonly type: 'signed-out'; readonly reason: string; readonly timeline: readonly SessionEvent[] }
  /** What nobody in the page has caught. */
  | { readonly type: 'error'; readonly message: string };
