import { Component, inject } from '@angular/core';
import { Router, RouterLink, RouterOutlet, type Routes } from '@angular/router';
import { claimGuard, injectSession, signedInGuard } from '@latchkey/angular';
import { AccountPage } from './account-page.js';

/** The header on every page, which says who is signed in. */
@Component({
  selector: 'app-root',
  imports: [RouterLink, RouterOutlet],
  template: `
    <header>
      @switch (session.status()) {
        @case ('signed-in') {
          <p id="who">{{ session.user()?.username }}</p>
          <button id="sign-out" (click)="session.signOut()">Sign out</button>
        }
        @case ('signed-out') {
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
@Component({ selector: 'app-home', template: `<h1>Welcome</h1>` })
class HomePage {}

/** The page of `withLoginPage`. */
@Component({
  template: `
    <h1>Sign in</h1>
    <form method="post" (submit)="signIn($event, username.value, password.value)">
      <input #username id="username" autocomplete="username" />
      <input #password id="password" type="password" autocomplete="current-password" />
      <button id="sign-in">Sign in</button>
    </form>
    <p id="return-to">{{ session.returnTo() }}</p>
  `,
})
class LoginPage {
  readonly session = injectSession();

  signIn(submitted: Event, username: string, password: string): void {
    submitted.preventDefault();
    void this.session.signIn({ username, password });
  }
}

/** Says which page of the router's is open, query included. */
@Component({
  imports: [AccountPage],
  template: `<p id="url">{{ url }}</p>
    <app-account />`,
})
class GuardedPage {
  readonly url = inject(Router).url;
}

/** For those whose token says who they are. */
@Component({ selector: 'app-members', template: `<h1>Members</h1>` })
class MembersPage {}

/** The pages of the app. */
export const routes: Routes = [
  { path: '', component: HomePage },
  { path: 'login', component: LoginPage },
  { path: 'account', component: GuardedPage, canActivate: [signedInGuard] },
  { path: 'members', component: MembersPage, canActivate: [claimGuard((claims) => claims?.sub !== undefined)] },
];
