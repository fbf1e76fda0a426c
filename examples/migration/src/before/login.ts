import { Component, inject, signal } from '@angular/core';
import { Router } from '@angular/router';
import { AuthService } from './auth.service.js';

/** The login page. */
@Component({
  template: `
    <h1>Sign in</h1>
    <form method="post" (submit)="signIn(name.value, password.value); $event.preventDefault()">
      <label>User name <input #name id="name" autocomplete="username" /></label>
      <label>Password <input #password id="password" type="password" autocomplete="current-password" /></label>
      <button id="sign-in">Sign in</button>
    </form>
    <p role="alert">{{ problem() }}</p>
  `,
})
export class Login {
  readonly #auth = inject(AuthService);
  readonly #router = inject(Router);
  protected readonly problem = signal('');

  protected signIn(username: string, password: string): void {
    this.#auth.signIn(username, password).subscribe({
      next: () => void this.#router.navigateByUrl('/'),
      error: () => this.problem.set('That did not work.'),
    });
  }
}
