import { HttpClient, type HttpErrorResponse } from '@angular/common/http';
import { Component, inject, signal } from '@angular/core';
import { injectSession } from '@latchkey/angular';
import { environment } from '../common/environment.js';

/** A page that needs somebody who is signed in. */
@Component({
  template: `
    <h1>Orders</h1>
    <p id="user">{{ session.user()?.username }}</p>
    <button id="load" (click)="load()">Load</button>
    <p id="shown" aria-live="polite">{{ shown() }}</p>
    <button id="sign-out" (click)="session.signOut()">Sign out</button>
  `,
})
export class Orders {
  readonly #http = inject(HttpClient);
  protected readonly session = injectSession();
  protected readonly shown = signal('');
  #loaded = 0;

  protected load(): void {
    this.#http.get(environment.orders).subscribe({
      next: () => this.shown.set(`Loaded ${++this.#loaded}`),
      error: (error: HttpErrorResponse) => this.shown.set(`Error ${error.status}`),
    });
  }
}
