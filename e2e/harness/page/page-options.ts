import type { SessionOptions } from '@latchkey/client';

/** Which token server the page talks to; what it takes is JSON, so that a test can choose it. */
export type PageBackend =
  | { readonly kind: 'latchkey'; readonly url: string }
  | { readonly kind: 'simpleJwt'; readonly options: Record<string, unknown> }
  | { readonly kind: 'opaque'; readonly url: string };

/** The options of `createSession` that are data, and the backend by name. */
export type PageOptions = Omit<SessionOptions, 'backend' | 'onSignedOut' | 'onEvent' | 'storage' | 'legacyKeys'> & {
  readonly backend?: PageBackend;
  readonly storage?: 'localStorage' | 'sessionStorage' | 'memory';
  readonly legacyKeys?: { readonly access: string; readonly refresh: string; readonly user?: string };
};
