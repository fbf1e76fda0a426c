/** How the network between browser and bank is. */
export type Network = 'fine' | 'cut' | 'slow';

/** How the bank's server is; `portal`: a hotel's sign-in page answers in its place. */
export type ServerMood = 'fine' | 'unavailable' | 'throttling' | 'broken' | 'portal' | 'stopped';

/** What a press of a control asks for. */
export type Command =
  | { readonly kind: 'network'; readonly to: Network }
  | { readonly kind: 'server'; readonly to: ServerMood }
  /** The answers to the next refreshes never arrive; 0 takes that back. */
  | { readonly kind: 'lose-refreshes'; readonly times: number }
  /** The next answer ends in the middle; 0 takes that back. */
  | { readonly kind: 'cut-answers'; readonly times: number }
  /** Moves the server's clock, in milliseconds. */
  | { readonly kind: 'move-clock'; readonly by: number }
  | { readonly kind: 'reset-clock' }
  /** Signs the demo's user out everywhere, as from another device; whatever the password is by now. */
  | { readonly kind: 'sign-out-everywhere' };

/** A request that went by. Neither query nor key nor token is in it. */
export interface SeenRequest {
  /** Counts up. */
  readonly id: number;
  /** Milliseconds since 1970, by the machine's clock. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  readonly isRefresh: boolean;
  /** Whether its idempotency key had come before, and whether the server had done its work then. */
  readonly key: 'none' | 'new' | 'unanswered' | 'answered';
  /** What the launcher did to it. */
  readonly fault: 'drop-request' | 'drop-response' | 'cut-response' | 'answer' | undefined;
  /** `undefined` while it is under way. */
  readonly end: { readonly status: number | undefined; readonly milliseconds: number } | undefined;
}

/** What the panel shows. */
export interface LauncherState {
  readonly bank: { readonly url: string; readonly preset: 'everyday' | 'bank'; readonly username: string };
  readonly network: Network;
  readonly server: ServerMood;
  /** How many refreshes are still to lose their answers, how many answers are still to be cut. */
  readonly armed: { readonly loseRefreshes: number; readonly cutAnswers: number };
  /** The server's time in milliseconds since 1970, and how far it is ahead of the machine's. */
  readonly clock: { readonly now: number; readonly aheadBy: number };
  readonly counts: { readonly refreshes: number; readonly lost: number; readonly retries: number };
  /** Newest first. */
  readonly requests: readonly SeenRequest[];
}
