import { Component, computed, input } from '@angular/core';
import { toObservable, toSignal } from '@angular/core/rxjs-interop';
import { type FormControl, ReactiveFormsModule } from '@angular/forms';
import { switchMap } from 'rxjs';

/** Why a control refuses its value, by the validator's name. `server` holds the server's own sentence. */
export type Complaints = Readonly<Record<string, string>>;

/** A labelled input whose hint and error belong to it for everybody. Complains only once it has been left. */
@Component({
  selector: 'bank-text-field',
  imports: [ReactiveFormsModule],
  template: `
    <label [for]="name()">{{ label() }}</label>
    <input
      [id]="name()"
      [name]="name()"
      [type]="type()"
      [formControl]="control()"
      [attr.autocomplete]="autocomplete()"
      [attr.inputmode]="inputmode()"
      [attr.maxlength]="maxlength()"
      [attr.aria-describedby]="describedBy()"
      [attr.aria-invalid]="problem() ? true : null"
      [attr.data-testid]="name()"
      autocapitalize="off"
      spellcheck="false"
    />
    @if (hint()) {
      <p class="hint" [id]="name() + '-hint'">{{ hint() }}</p>
    }
    @if (problem(); as text) {
      <p class="field-error" [id]="name() + '-error'" [attr.data-testid]="name() + '-error'">{{ text }}</p>
    }
  `,
})
export class TextField {
  /** Also the id, and the test id. */
  readonly name = input.required<string>();
  readonly label = input.required<string>();
  readonly control = input.required<FormControl<string>>();
  readonly complaints = input<Complaints>({});
  readonly type = input<'text' | 'password'>('text');
  readonly autocomplete = input('off');
  readonly inputmode = input<'text' | 'decimal'>();
  readonly maxlength = input<number>();
  readonly hint = input('');
  readonly #event = toSignal(toObservable(this.control).pipe(switchMap((control) => control.events)));
  protected readonly problem = computed(() => {
    this.#event();
    const { touched, errors } = this.control();
    const [why, details] = Object.entries(errors ?? {})[0] ?? [];
    if (!touched || why === undefined) return undefined;
    return typeof details === 'string' ? details : (this.complaints()[why] ?? 'Please check this.');
  });
  protected readonly describedBy = computed(() => {
    const ids = [this.hint() && `${this.name()}-hint`, this.problem() && `${this.name()}-error`].filter(Boolean);
    return ids.join(' ') || null;
  });
}
