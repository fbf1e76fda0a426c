import { Component, ElementRef, Injector, inject, signal } from '@angular/core';
import { FormControl, FormGroup, ReactiveFormsModule } from '@angular/forms';
import { injectBankSession } from '../session/bank-session.js';
import { wasRemembered } from '../session/remembered.js';
import { Dialog } from '../ui/dialog.js';
import { filledIn, mayBeSent } from '../ui/forms.js';
import { Notice } from '../ui/notice.js';
import { Task } from '../ui/task.js';
import { TextField } from '../ui/text-field.js';

/** Asks who is signed in for the password again: a fresh sign-in, which replaces the session and keeps the page. */
@Component({
  selector: 'bank-password-dialog',
  imports: [ReactiveFormsModule, Dialog, Notice, TextField],
  template: `
    <bank-dialog name="password-dialog" heading="Is it you?" [open]="open()" (dismissed)="end(false)">
      <p>Before money moves we ask for your password, if you have not typed it in the last five minutes.</p>
      <form method="post" [formGroup]="form" novalidate (ngSubmit)="confirm()">
        <bank-notice kind="bad" testid="confirm-error" [text]="task.error()" />
        <input type="text" name="username" autocomplete="username" hidden readonly [value]="user()?.username" />
        <bank-text-field
          name="confirm-password"
          label="Password"
          type="password"
          autocomplete="current-password"
          [control]="form.controls.password"
          [complaints]="{ required: 'Please enter your password.' }"
        />
        <div class="actions">
          <button type="submit" class="button" data-testid="confirm-submit" [disabled]="task.busy()">
            {{ task.busy() ? 'Checking…' : 'Go on with the transfer' }}
          </button>
          <button type="button" class="button quiet" data-testid="confirm-cancel" (click)="end(false)">Not now</button>
        </div>
      </form>
    </bank-dialog>
  `,
})
export class PasswordDialog {
  readonly #session = injectBankSession();
  readonly #place = { host: inject<ElementRef<HTMLElement>>(ElementRef), injector: inject(Injector) };
  #answer: ((confirmed: boolean) => void) | undefined;
  protected readonly user = this.#session.user;
  protected readonly open = signal(false);
  protected readonly task = new Task();
  protected readonly form = new FormGroup({
    password: new FormControl('', { nonNullable: true, validators: filledIn }),
  });

  /** Opens the dialog; resolves with whether the person signed in again. */
  ask(): Promise<boolean> {
    this.form.reset();
    this.task.forget();
    this.open.set(true);
    return new Promise((resolve) => (this.#answer = resolve));
  }

  protected end(confirmed: boolean): void {
    this.open.set(false);
    // No password stays in the page.
    this.form.reset();
    this.#answer?.(confirmed);
    this.#answer = undefined;
  }

  protected async confirm(): Promise<void> {
    const username = this.user()?.username;
    if (username === undefined || !mayBeSent(this.form, this.#place)) return;
    const { password } = this.form.getRawValue();
    const signIn = () => this.#session.signIn({ username, password }, { remember: wasRemembered() });
    if (await this.task.run(signIn)) this.end(true);
  }
}
