import type { Milliseconds } from '@latchkey/protocol';

/** An entry of the timeline. Nothing in it is secret: no token, no name, no URL. */
export interface SessionEvent {
  readonly at: Milliseconds;
  /** What happened, such as `refreshed`, `refresh_failed`, `adopted`, `signed_out`, `storage_full`. */
  readonly type: string;
  /** Why, such as `load`, `margin`, `ERR_TIMEOUT`, `refused`. */
  readonly reason?: string;
}
