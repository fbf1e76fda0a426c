import {
  type OnDestroy,
  Pipe,
  type PipeTransform,
  type WritableSignal,
  inject,
  signal,
  untracked,
} from '@angular/core';
import { personIn } from '@latchkey/client/adapter';
import { SESSION_VIEW } from './angular-session.js';

/**
 * Loads a picture of the API with the token and gives a `blob:` URL for it; `null` while it loads, where it cannot be
 * had, and on a server, which knows nobody. The URL ends with the element, or with the session.
 * @example
 * @if ('/api/me/picture' | authorizedSrc; as src) { <img [src]="src" alt="My picture" /> } @else { <app-placeholder /> }
 */
@Pipe({ name: 'authorizedSrc', pure: false })
export class AuthorizedSrcPipe implements PipeTransform, OnDestroy {
  readonly #session = inject(SESSION_VIEW).session;
  /** Another one for each picture: a template may not set what it reads. */
  #src: WritableSignal<string | null> = signal(null);
  #loading = new AbortController();
  #wanted = '';
  /** A picture that could not be had is asked for again once the network is back. */
  #failed = false;
  #wasOffline = false;

  /** `url` as `session.objectUrl` takes it; nothing is loaded for `null` and `undefined`, nor for nobody. */
  transform(url: string | null | undefined): string | null {
    const { status, user, claims, online } = this.#session;
    // Some backends bring no user: then the token says whose pictures these are.
    const owner = user()?.id ?? String(personIn(claims()));
    const wanted = url && status() === 'signed-in' ? `${owner} ${url}` : '';
    this.#wasOffline ||= !online();
    if (wanted !== this.#wanted || (this.#failed && this.#wasOffline && online())) {
      // The app may note in a signal what becomes of a request, which a template may not set.
      untracked(() => this.#load(wanted ? url : undefined));
    }
    this.#wanted = wanted;
    return this.#src();
  }

  ngOnDestroy(): void {
    this.#load(undefined);
  }

  #load(url: string | null | undefined): void {
    this.#loading.abort();
    const { signal: aborted } = (this.#loading = new AbortController());
    const src = (this.#src = signal<string | null>(null));
    this.#failed = this.#wasOffline = false;
    if (!url) return;
    const found = this.#session.objectUrl(url, { signal: aborted });
    const shown = found.then((blobUrl) => {
      const drop = (): void => URL.revokeObjectURL(blobUrl);
      if (aborted.aborted) drop();
      aborted.addEventListener('abort', drop);
      src.set(blobUrl);
    });
    // What cannot be had shows as nothing: a person without a picture is no error.
    shown.catch(() => (this.#failed = !aborted.aborted));
  }
}
