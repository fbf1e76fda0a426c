import { Component, signal } from '@angular/core';
import { injectSession } from '@latchkey/angular';

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
  readonly #session = injectSession();
  protected readonly problem = signal('');

  protected signIn(username: string, password: string): void {
    // Whoever is signed in leaves this page by itself, in every tab.
    this.#session.signIn({ username, password }).catch(() => this.problem.set('That did not work.'));
  }
}
