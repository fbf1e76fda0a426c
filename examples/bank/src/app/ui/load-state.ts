import { Component, type Resource, computed, effect, input, untracked } from '@angular/core';
import { sayError } from '../api/say-error.js';
import { injectBankSession } from '../session/bank-session.js';
import { Notice } from './notice.js';

/** What stands where data will be: quiet bars while it loads, a sentence and a button when it could not be had. */
@Component({
  selector: 'bank-load-state',
  imports: [Notice],
  template: `
    @if (waiting()) {
      <div class="skeleton" aria-hidden="true"><span></span><span></span><span></span></div>
      <p class="visually-hidden" role="status">Loading {{ what() }}…</p>
    }
    <bank-notice kind="bad" testid="load-error" [text]="problem()" />
    @if (problem()) {
      <button type="button" class="button quiet" data-testid="load-again" (click)="again()">Try again</button>
    }
  `,
})
export class LoadState {
  readonly of = input.required<Resource<unknown> & { reload(): boolean }>();
  readonly what = input.required<string>();
  readonly #session = injectBankSession();
  protected readonly problem = computed(() => {
    const error = this.of().error();
    return error && sayError(error);
  });
  protected readonly waiting = computed(() => this.of().isLoading() && !this.of().hasValue());

  constructor() {
    // Back from a tunnel nobody should have to press a button.
    effect(() => {
      if (this.#session.online() && untracked(() => this.of().error())) this.again();
    });
  }

  protected again(): void {
    this.of().reload();
  }
}
