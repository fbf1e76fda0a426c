import { Component, ElementRef, Injector, computed, effect, inject, signal } from '@angular/core';
import { FormControl, FormGroup, ReactiveFormsModule } from '@angular/forms';
import { injectBankSession } from '../session/bank-session.js';
import { filledIn, mayBeSent } from '../ui/forms.js';
import { Notice } from '../ui/notice.js';
import { Task } from '../ui/task.js';
import { TextField } from '../ui/text-field.js';

/** The name that is shown; changed here, it changes in every tab. */
@Component({
  selector: 'bank-name-card',
  imports: [ReactiveFormsModule, Notice, TextField],
  template: `
    <section class="card" aria-labelledby="name-title">
      <h2 id="name-title">Name</h2>
      <form method="post" [formGroup]="form" novalidate (ngSubmit)="save()">
        <bank-notice kind="bad" testid="name-save-error" [text]="task.error()" />
        <bank-notice kind="good" testid="name-saved" [text]="saved()" />
        <bank-text-field
          name="display-name"
          label="How we call you"
          autocomplete="name"
          [maxlength]="80"
          [control]="form.controls.displayName"
          [complaints]="{ required: 'Please enter a name.' }"
        />
        <div class="actions">
          <button type="submit" class="button" data-testid="name-submit" [disabled]="task.busy()">
            {{ task.busy() ? 'Saving…' : 'Save' }}
          </button>
        </div>
      </form>
    </section>
  `,
})
export class NameCard {
  readonly #session = injectBankSession();
  readonly #place = { host: inject<ElementRef<HTMLElement>>(ElementRef), injector: inject(Injector) };
  readonly #name = computed(() => this.#session.user()?.profile.displayName ?? '');
  protected readonly task = new Task();
  protected readonly saved = signal('');
  protected readonly form = new FormGroup({
    displayName: new FormControl('', { nonNullable: true, validators: filledIn }),
  });

  constructor() {
    // Also when it was changed in another tab; what somebody is typing here stays.
    effect(() => {
      const name = this.#name();
      if (!this.form.dirty) this.form.setValue({ displayName: name });
    });
  }

  protected async save(): Promise<void> {
    if (!mayBeSent(this.form, this.#place)) return;
    const displayName = this.form.getRawValue().displayName.trim();
    this.saved.set('');
    if (!(await this.task.run(() => this.#session.updateUser({ profile: { displayName } })))) return;
    this.form.markAsPristine();
    this.saved.set('Saved. All your open tabs show it already.');
  }
}
