import { Component, ElementRef, Injector, effect, inject } from '@angular/core';
import { FormControl, FormGroup, ReactiveFormsModule, Validators } from '@angular/forms';
import { Router, RouterLink } from '@angular/router';
import { injectBankSession } from '../session/bank-session.js';
import { keepRemembered } from '../session/remembered.js';
import { filledIn, mayBeSent } from '../ui/forms.js';
import { Notice } from '../ui/notice.js';
import { Task } from '../ui/task.js';
import { TextField } from '../ui/text-field.js';

/** Where people open an account; once somebody is signed in, in any tab, it is left. */
@Component({
  selector: 'bank-sign-up',
  imports: [ReactiveFormsModule, RouterLink, Notice, TextField],
  templateUrl: './sign-up.html',
})
export class SignUp {
  readonly #session = injectBankSession();
  readonly #place = { host: inject<ElementRef<HTMLElement>>(ElementRef), injector: inject(Injector) };
  protected readonly task = new Task();
  protected readonly form = new FormGroup({
    displayName: new FormControl('', { nonNullable: true, validators: filledIn }),
    username: new FormControl('', { nonNullable: true, validators: filledIn }),
    password: new FormControl('', { nonNullable: true, validators: [filledIn, Validators.minLength(8)] }),
  });

  constructor() {
    const router = inject(Router);
    effect(() => {
      if (this.#session.status() === 'signed-in') void router.navigateByUrl(this.#session.returnTo());
    });
  }

  protected signUp(): void {
    if (!mayBeSent(this.form, this.#place)) return;
    const { displayName, username, password } = this.form.getRawValue();
    const details = { username: username.trim(), password, profile: { displayName: displayName.trim() } };
    keepRemembered(true);
    void this.task.run(() => this.#session.signUp(details));
  }
}
