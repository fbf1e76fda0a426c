import { Component } from '@angular/core';
import { injectSession } from '@latchkey/angular';

/** The header on every page; it follows the observable, as apps with modules do. */
@Component({
  selector: 'app-root',
  standalone: false,
  template: `
    <header>
      @if (session.session$ | async; as snapshot) {
        @if (snapshot.status === 'signed-in') {
          <p id="who">{{ snapshot.user?.username }}</p>
          <button id="sign-out" (click)="session.signOut()">Sign out</button>
        }
        @if (snapshot.status === 'signed-out') {
          <p id="who">Nobody is signed in</p>
        }
      }
      <a id="to-account" routerLink="/account" [queryParams]="{ tab: 'files' }">Account</a>
    </header>
    <router-outlet />
  `,
})
export class App {
  readonly session = injectSession();
}

/** Everybody may see it. */
@Component({ standalone: false, template: `<h1>Welcome</h1>` })
export class HomePage {}

/** The page of `withLoginPage`. */
@Component({
  standalone: false,
  template: `
    <h1>Sign in</h1>
    <form method="post" (submit)="signIn($event, username.value, password.value)">
      <input #username id="username" autocomplete="username" />
      <input #password id="password" type="password" autocomplete="current-password" />
      <button id="sign-in">Sign in</button>
    </form>
  `,
})
export class LoginPage {
  readonly #session = injectSession();

  signIn(submitted: Event, username: string, password: string): void {
    submitted.preventDefault();
    void this.#session.signIn({ username, password });
  }
}
