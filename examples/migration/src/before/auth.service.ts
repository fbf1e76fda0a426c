import { HttpClient } from '@angular/common/http';
import { Injectable, inject } from '@angular/core';
import { type Observable, tap } from 'rxjs';
import { environment } from '../common/environment.js';

/** What the server gives. */
export interface Tokens {
  readonly access: string;
  readonly refresh: string;
}

/** Signs in and out, and keeps both tokens in localStorage. */
@Injectable({ providedIn: 'root' })
export class AuthService {
  readonly #http = inject(HttpClient);

  get accessToken(): string | null {
    return localStorage.getItem('currentUser');
  }

  signIn(username: string, password: string): Observable<Tokens> {
    return this.#http
      .post<Tokens>(environment.signIn, { username, password })
      .pipe(tap((tokens) => this.#keep(tokens)));
  }

  refresh(): Observable<Tokens> {
    const refresh = localStorage.getItem('refresh');
    return this.#http.post<Tokens>(environment.refresh, { refresh }).pipe(tap((tokens) => this.#keep(tokens)));
  }

  signOut(): void {
    localStorage.removeItem('currentUser');
    localStorage.removeItem('refresh');
  }

  #keep({ access, refresh }: Tokens): void {
    localStorage.setItem('currentUser', access);
    localStorage.setItem('refresh', refresh);
  }
}
