import { Injectable, signal } from '@angular/core';
import type { SignedOutReason } from '@latchkey/client';

/** Keeps what the session tells by callbacks, as signals. */
@Injectable({ providedIn: 'root' })
export class SessionNews {
  readonly #reason = signal<SignedOutReason | undefined>(undefined);
  readonly #events = signal(0);
  /** Why the last session of this tab ended; `undefined` before one has, and once somebody is signed in again. */
  readonly reason = this.#reason.asReadonly();
  /** Counts the entries of the timeline, so that who draws it knows when to look again. */
  readonly events = this.#events.asReadonly();

  signedOut(reason: SignedOutReason): void {
    this.#reason.set(reason);
  }

  signedIn(): void {
    this.#reason.set(undefined);
  }

  happened(): void {
    this.#events.update((count) => count + 1);
  }
}
