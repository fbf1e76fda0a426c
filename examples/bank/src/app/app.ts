import { Component, effect, inject } from '@angular/core';
import { RouterOutlet } from '@angular/router';
import { injectBankSession } from './session/bank-session.js';
import { SessionNews } from './session/session-news.js';
import { Footer } from './shell/footer.js';
import { Header } from './shell/header.js';
import { InactivityDialog } from './shell/inactivity-dialog.js';
import { focusHeadings } from './shell/page-focus.js';
import { Icon } from './ui/icon.js';

/** The frame around every page. */
@Component({
  selector: 'bank-root',
  imports: [RouterOutlet, Footer, Header, Icon, InactivityDialog],
  template: `
    <a class="skip" href="#main" (click)="skip($event, main)">Skip to the content</a>
    <bank-header />
    <div role="status">
      @if (!online()) {
        <p class="banner" data-testid="offline-banner">
          <bank-icon name="offline" />
          <span>You are offline. You stay signed in; we go on as soon as the bank can be reached.</span>
        </p>
      }
    </div>
    <main #main id="main" tabindex="-1"><router-outlet /></main>
    <bank-footer />
    <bank-inactivity-dialog />
  `,
})
export class App {
  readonly #session = injectBankSession();
  protected readonly online = this.#session.online;

  constructor() {
    const news = inject(SessionNews);
    effect(() => {
      if (this.#session.status() === 'signed-in') news.signedIn();
    });
    focusHeadings();
  }

  /** A link to `#main` would lead to the page of `<base href>`. */
  protected skip(event: Event, main: HTMLElement): void {
    event.preventDefault();
    main.focus();
  }
}
