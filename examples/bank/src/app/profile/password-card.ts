import { Component, ElementRef, Injector, inject, signal } from '@angular/core';
import { FormControl, FormGroup, ReactiveFormsModule, Validators } from '@angular/forms';
import { injectBankSession } from '../session/bank-session.js';
import { filledIn, mayBeSent } from '../ui/forms.js';
import { Notice } from '../ui/notice.js';
import { Task } from '../ui/task.js';
import { TextField } from '../ui/text-field.js';

/** Changes the password: this session goes on, all others end. */
@Component({
  selector: 'bank-password-card',
  imports: [ReactiveFormsModule, Notice, TextField],
  template: `
    <section class="card" aria-labelledby="password-title">
      <h2 id="password-title">Password</h2>
      <p class="quiet-text">You stay signed in here; every other device is signed out.</p>
      <form method="post" [formGroup]="form" novalidate (ngSubmit)="change()">
        <bank-notice kind="bad" testid="password-save-error" [text]="task.error()" />
        <bank-notice kind="good" testid="password-saved" [text]="saved()" />
        <bank-text-field
          name="current-password"
          label="Password so far"
          type="password"
          autocomplete="current-password"
          [control]="form.controls.current"
          [complaints]="{ required: 'Please enter the password that you have now.' }"
        />
        <bank-text-field
          name="new-password"
          label="New password"
          type="password"
          autocomplete="new-password"
          hint="At least 8 characters."
          [control]="form.controls.next"
          [complaints]="{ required: 'Please choose a password.', minlength: 'Please use at least 8 characters.' }"
        />
        <div class="actions">
          <button type="submit" class="button" data-testid="password-submit" [disabled]="task.busy()">
            {{ task.busy() ? 'Changing…' : 'Change password' }}
          </button>
        </div>
      </form>
    </section>
  `,
})
export class PasswordCard {
  readonly #session = injectBankSession();
  readonly #place = { host: inject<ElementRef<HTMLElement>>(ElementRef), injector: inject(Injector) };
  protected readonly task = new Task();
  protected readonly saved = signal('');
  protected readonly form = new FormGroup({
    current: new FormControl('', { nonNullable: true, validators: filledIn }),
    next: new FormControl('', { nonNullable: true, validators: [filledIn, Validators.minLength(8)] }),
  });

  protected async change(): Promise<void> {
    if (!mayBeSent(this.form, this.#place)) return;
    this.saved.set('');
    if (!(await this.task.run(() => this.#session.changePassword(this.form.getRawValue())))) return;
    this.form.reset();
    this.saved.set('Your password is changed, and all other devices are signed out.');
  }
}
