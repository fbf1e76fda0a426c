import { HttpClient, HttpContext, type HttpEvent, type HttpResourceRef, httpResource } from '@angular/common/http';
import { Injectable, computed, inject } from '@angular/core';
import { SKIP_AUTH } from '@latchkey/angular';
import { type Observable, firstValueFrom, map } from 'rxjs';
import { injectBankSession } from '../session/bank-session.js';
import type {
  Account,
  BalancePoint,
  BankFigures,
  Device,
  EntriesPage,
  Entry,
  Rates,
  TransferOrder,
} from './bank-types.js';

/** Which part of a statement. */
export interface EntriesQuery {
  readonly account: string;
  readonly page: number;
  readonly size: number;
  readonly search: string;
}

type Loading<T> = HttpResourceRef<T | undefined>;

/** The bank's API. What is loaded belongs to one person: when another signs in, in any tab, it is loaded anew. */
@Injectable({ providedIn: 'root' })
export class BankApi {
  readonly #http = inject(HttpClient);
  readonly #user = injectBankSession().user;
  /** Not the whole user: a new name is no reason to load everything again. */
  readonly #owner = computed(() => this.#user()?.id);

  accounts(): Loading<{ accounts: readonly Account[] }> {
    return httpResource(() => this.#own('/api/accounts'));
  }

  /** Loads nothing while `query` gives `undefined`. */
  entries(query: () => EntriesQuery | undefined): Loading<EntriesPage> {
    return httpResource(() => {
      const wanted = query();
      if (!wanted) return undefined;
      const { account, page, size, search } = wanted;
      const url = this.#own(`${accountUrl(account)}/entries`);
      return url === undefined ? undefined : { url, params: { page, size, search } };
    });
  }

  balances(query: () => { account: string; days: number }): Loading<{ points: readonly BalancePoint[] }> {
    return httpResource(() => {
      const { account, days } = query();
      const url = this.#own(`${accountUrl(account)}/balances`);
      return url === undefined ? undefined : { url, params: { days } };
    });
  }

  devices(): Loading<{ sessions: readonly Device[] }> {
    return httpResource(() => this.#own('/auth/sessions'));
  }

  figures(): Loading<BankFigures> {
    return httpResource(() => this.#own('/api/adviser/overview'));
  }

  /** For everybody to know, so it needs no token, and waits for none. */
  rates(): Loading<Rates> {
    return httpResource(() => ({ url: '/api/rates', context: new HttpContext().set(SKIP_AUTH, true) }));
  }

  /**
   * Sends money; refused with `insufficient_user_authentication` when the sign-in is too long ago. However often an
   * order is sent under one key, it is made once and answered the same.
   */
  transfer(order: TransferOrder, key: string): Promise<Entry> {
    const headers = { 'Idempotency-Key': key };
    const answer = this.#http.post<{ entry: Entry }>('/api/transfers', order, { headers });
    return firstValueFrom(answer.pipe(map(({ entry }) => entry)));
  }

  endDevice(id: string): Promise<unknown> {
    return firstValueFrom(this.#http.delete(`/auth/sessions/${encodeURIComponent(id)}`));
  }

  sendPicture(file: File): Observable<HttpEvent<unknown>> {
    return this.#http.put('/api/me/picture', file, {
      headers: { 'Content-Type': file.type },
      observe: 'events',
      reportUploadProgress: true,
    });
  }

  removePicture(): Promise<unknown> {
    return firstValueFrom(this.#http.delete('/api/me/picture'));
  }

  statementFile(account: string): Observable<HttpEvent<Blob>> {
    return this.#http.get(`/api/statements/${encodeURIComponent(account)}.csv`, {
      responseType: 'blob',
      observe: 'events',
      reportDownloadProgress: true,
    });
  }

  /** Nothing for nobody; read where signals are followed, so that another person means another request. */
  #own(url: string): string | undefined {
    return this.#owner() === undefined ? undefined : url;
  }
}

const accountUrl = (id: string): string => `/api/accounts/${encodeURIComponent(id)}`;
