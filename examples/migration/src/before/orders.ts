import { HttpClient, type HttpErrorResponse } from '@angular/common/http';
import { Component, inject, signal } from '@angular/core';
import { Router } from '@angular/router';
import { environment } from '../common/environment.js';
import { AuthService } from './auth.service.js';

/** A page that needs somebody who is signed in. */
@Component({
  template: `
    <h1>Orders</h1>
    <button id="load" (click)="load()">Load</button>
    <p id="shown" aria-live="polite">{{ shown() }}</p>
    <button id="sign-out" (click)="signOut()">Sign out</button>
  `,
})
export class Orders {
  readonly #http = inject(HttpClient);
  readonly #auth = inject(AuthService);
  readonly #router = inject(Router);
  protected readonly shown = signal('');
  #loaded = 0;

  protected load(): void {
    this.#http.get(environment.orders).subscribe({
      next: () => this.shown.set(`Loaded ${++this.#loaded}`),
      error: (error: HttpErrorResponse) => this.shown.set(`Error ${error.status}`),
    });
  }

  protected signOut(): void {
    this.#auth.signOut();
    void this.#router.navigateByUrl('/login');
  }
}
