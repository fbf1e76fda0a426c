import { HttpClient, HttpContext, HttpErrorResponse } from '@angular/common/http';
import { Component, inject, signal } from '@angular/core';
import { AuthorizedSrcPipe, SKIP_AUTH } from '@latchkey/angular';
import type { Observable } from 'rxjs';
import { apiUrl } from './environment.js';

/** Asks the API for this and that. */
@Component({
  selector: 'app-account',
  imports: [AuthorizedSrcPipe],
  template: `
    <h1>Account</h1>
    <button id="ask" (click)="ask()">What time is it?</button>
    <button id="skip-by-context" (click)="skipByContext()">Terms</button>
    <button id="skip-by-header" (click)="skipByHeader()">Rules</button>
    <button id="show-picture" (click)="showPicture()">Picture</button>
    <p id="answer">{{ answer() }}</p>
    @if (picture() | authorizedSrc; as src) {
      <img id="picture" [src]="src" alt="My picture" />
    }
  `,
})
export class AccountPage {
  readonly #http = inject(HttpClient);
  readonly answer = signal('');
  readonly picture = signal<string | undefined>(undefined);

  ask(): void {
    this.#show('/time', (url) => this.#http.get(url));
  }

  skipByContext(): void {
    const context = new HttpContext().set(SKIP_AUTH, true);
    this.#show('/public/terms', (url) => this.#http.get(url, { context }));
  }

  skipByHeader(): void {
    this.#show('/public/rules', (url) => this.#http.get(url, { headers: { skip: 'true' } }));
  }

  showPicture(): void {
    this.picture.set(`${apiUrl()}/files/picture`);
  }

  #show(path: string, send: (url: string) => Observable<unknown>): void {
    const say = (outcome: string): void => this.answer.set(`${path} ${outcome}`);
    send(`${apiUrl()}${path}`).subscribe({
      next: () => say('answered'),
      error: (error: unknown) => say(error instanceof HttpErrorResponse ? `refused ${error.status}` : String(error)),
    });
  }
}
