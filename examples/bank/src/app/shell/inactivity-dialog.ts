import { Component, computed } from '@angular/core';
import { injectBankSession } from '../session/bank-session.js';
import { Dialog } from '../ui/dialog.js';
import { formatCountdown } from '../ui/format.js';
import { Task } from '../ui/task.js';

/** When the seconds left are read out; at the others, silence. */
const spoken = [120, 60, 30, 10];

/** Warns whoever does nothing before the sign-out, in every tab with the same countdown; any key or press ends it. */
@Component({
  selector: 'bank-inactivity-dialog',
  imports: [Dialog],
  template: `
    <bank-dialog name="inactivity" heading="Are you still there?" [urgent]="true" [open]="left() !== undefined">
      <p>
        Nothing has happened for a while. To keep your account safe we sign you out in
        <strong role="timer" class="figure" data-testid="inactivity-left">{{ countdown() }}</strong>.
      </p>
      <p class="visually-hidden" aria-live="assertive">{{ said() }}</p>
      <div class="actions">
        <button type="button" class="button" autofocus data-testid="inactivity-stay" (click)="stay()">
          Stay signed in
        </button>
        <button type="button" class="button quiet" data-testid="inactivity-leave" (click)="leave()">
          Sign out now
        </button>
      </div>
    </bank-dialog>
  `,
})
export class InactivityDialog {
  readonly #session = injectBankSession();
  protected readonly signingOut = new Task();
  protected readonly left = computed(() => this.#session.inactivity()?.secondsLeft);
  protected readonly countdown = computed(() => formatCountdown(this.left() ?? 0));
  protected readonly said = computed(() => {
    const left = this.left();
    const step = left === undefined ? undefined : spoken.findLast((seconds) => left <= seconds);
    return step === undefined ? '' : `You will be signed out in less than ${step} seconds.`;
  });

  /** Said outright, because a screen reader may press without the key or pointer that would say it. */
  protected stay(): void {
    this.#session.inactivity()?.stay();
  }

  protected leave(): void {
    void this.signingOut.run(() => this.#session.signOut());
  }
}
