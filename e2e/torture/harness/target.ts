import type { PageBackend } from '../page/told.js';

/** The token servers that can be tortured with. */
export const targetNames = ['latchkey', 'django', 'oidc-provider'] as const;
export type TargetName = (typeof targetNames)[number];

/** A token server and the API behind it, in processes that can be ended and started again. */
export interface Target {
  /** Its refresh tokens are of strict single use, without a key that makes a repetition recognisable. */
  readonly isStrict: boolean;
  /** `METHOD /path` of a refresh. */
  readonly refreshes: RegExp;
  /** What the app calls. */
  readonly callPath: string;
  /** How the one person gets in, the first time; afterwards it is `signIn`. */
  readonly entrance: { readonly by: 'signUp' | 'signIn'; readonly credentials: Readonly<Record<string, string>> };
  /** What the page is to use, given the address of the proxy. */
  backend(url: string): PageBackend;
  /** The port for a path, as the proxy asks. */
  route(path: string): number | undefined;
  /** Starts the token server at the address that it had; settled when it answers. */
  start(): Promise<void>;
  /** Ends its process; settled when it has ended. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** The refresh token in the body of a refresh. */
  presented(body: string): string | undefined;
  /** The refresh token in the body of the answer. */
  issued(body: string): string | undefined;
  /** Counts that its own log tells, by name. */
  log(): Readonly<Record<string, number>>;
  close(): Promise<void>;
}

/** Lifetime of access tokens in seconds. */
export const accessSeconds = 3;

/** How long after its end an API takes one: tokens tell their times in whole seconds, and three of them are to be three. */
export const toleranceSeconds = 1;

/** Reads one text of a JSON object; `undefined` where there is none. */
export function textIn(json: string, name: string): string | undefined {
  try {
    const value = (JSON.parse(json) as Record<string, unknown>)[name];
    return typeof value === 'string' ? value : undefined;
  } catch {
    return undefined;
  }
}
