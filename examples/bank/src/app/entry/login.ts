import { Component, ElementRef, Injector, computed, inject } from '@angular/core';
import { FormControl, FormGroup, ReactiveFormsModule } from '@angular/forms';
import { RouterLink } from '@angular/router';
import { injectBankSession } from '../session/bank-session.js';
import { keepRemembered } from '../session/remembered.js';
import { SessionNews } from '../session/session-news.js';
import { filledIn, mayBeSent } from '../ui/forms.js';
import { Notice } from '../ui/notice.js';
import { Task } from '../ui/task.js';
import { TextField } from '../ui/text-field.js';
import { demoAccount } from './demo-account.js';
import { signedOutReasons } from './signed-out-reasons.js';

/** The sign-in page. Latchkey itself leaves it for where the person was going, once somebody is signed in. */
@Component({
  selector: 'bank-login',
  imports: [ReactiveFormsModule, RouterLink, Notice, TextField],
  templateUrl: './login.html',
})
export class Login {
  readonly #session = injectBankSession();
  readonly #reason = inject(SessionNews).reason;
  readonly #place = { host: inject<ElementRef<HTMLElement>>(ElementRef), injector: inject(Injector) };
  readonly #demo = demoAccount();
  protected readonly task = new Task();
  protected readonly form = new FormGroup({
    username: new FormControl('', { nonNullable: true, validators: filledIn }),
    password: new FormControl('', { nonNullable: true, validators: filledIn }),
    remember: new FormControl(true, { nonNullable: true }),
  });
  protected readonly demo = computed(() => (this.#demo.hasValue() ? this.#demo.value() : undefined));
  protected readonly why = computed(() => {
    const reason = this.#reason();
    if (reason) return signedOutReasons[reason];
    return this.#session.returnTo() === '/' ? undefined : 'Please sign in to see this page.';
  });

  protected signIn(): void {
    if (!mayBeSent(this.form, this.#place)) return;
    const { username, password, remember } = this.form.getRawValue();
    keepRemembered(remember);
    void this.task.run(() => this.#session.signIn({ username: username.trim(), password }, { remember }));
  }

  protected fillIn(username: string, password: string): void {
    this.form.patchValue({ username, password });
    this.#place.host.nativeElement.querySelector<HTMLElement>('button[type=submit]')?.focus();
  }
}
