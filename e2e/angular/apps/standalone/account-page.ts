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
    this.#show(this.#http.get(`${apiUrl()}/time`));
  }

  skipByContext(): void {
    this.#show(this.#http.get(`${apiUrl()}/public/terms`, { context: new HttpContext().set(SKIP_AUTH, true) }));
  }

  skipByHeader(): void {
    this.#show(this.#http.get(`${apiUrl()}/public/rules`, { headers: { skip: 'true' } }));
  }

  showPicture(): void {
    this.picture.set(`${apiUrl()}/files/picture`);
  }

  #show(answer: Observable<unknown>): void {
    this.answer.set('asking');
    answer.subscribe({
      next: () => this.answer.set('answered'),
      error: (error: unknown) =>
        this.answer.set(error instanceof HttpErrorResponse ? `refused ${error.status}` : String(error)),
    });
  }
}
