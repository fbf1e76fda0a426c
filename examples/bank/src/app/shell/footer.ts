import { Component, DestroyRef, computed, inject, signal } from '@angular/core';
import { RouterLink } from '@angular/router';
import { injectBankSession } from '../session/bank-session.js';
import { formatCountdown } from '../ui/format.js';

/** The end of every page: how long the access token lasts, and whether the bank can be reached. */
@Component({
  selector: 'bank-footer',
  imports: [RouterLink],
  templateUrl: './footer.html',
})
export class Footer {
  readonly #session = injectBankSession();
  readonly #now = signal(Date.now());
  protected readonly online = this.#session.online;
  protected readonly status = this.#session.status;
  protected readonly countdown = computed(() => {
    const expiresAt = this.#session.expiresAt();
    if (expiresAt === undefined) return undefined;
    // The clock here is up to a second late: rounded down, a new token shows no more than its lifetime.
    const left = Math.floor((expiresAt - this.#now()) / 1000);
    return left > 0 ? formatCountdown(left) : '';
  });

  constructor() {
    const ticking = setInterval(() => this.#now.set(Date.now()), 1000);
    inject(DestroyRef).onDestroy(() => clearInterval(ticking));
  }
}
