import { HttpClient, HttpContext, HttpErrorResponse, type HttpEvent, HttpEventType } from '@angular/common/http';
import { ChangeDetectorRef, Component, inject } from '@angular/core';
import { Router } from '@angular/router';
import { SKIP_AUTH } from '@latchkey/angular';
import { type Observable, tap } from 'rxjs';
import { apiUrl } from './environment.js';

/** Asks the API for this and that; its state is in plain fields. */
@Component({
  selector: 'app-account',
  standalone: false,
  template: `
    <p id="url">{{ url }}</p>
    <h1>Account</h1>
    <button id="ask" (click)="ask()">What time is it?</button>
    <button id="skip-by-context" (click)="skipByContext()">Terms</button>
    <button id="skip-by-header" (click)="skipByHeader()">Rules</button>
    <button id="show-picture" (click)="showPicture()">Picture</button>
    <input #file id="file" type="file" (change)="upload(file.files)" />
    <p id="answer">{{ answer }}</p>
    <p id="events">{{ events.join(' ') }}</p>
    @if (picture | authorizedSrc; as src) {
      <img id="picture" [src]="src" alt="My picture" />
    }
  `,
})
export class AccountPage {
  readonly #http = inject(HttpClient);
  readonly #view = inject(ChangeDetectorRef);
  readonly url = inject(Router).url;
  answer = '';
  picture: string | undefined;
  events: string[] = [];

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

  /** Sends the chosen file, and notes every event on the way: `Sent`, `UploadProgress:512/1024`, `Response`. */
  upload(files: FileList | null): void {
    const file = files?.item(0);
    const note = tap((event: HttpEvent<unknown>) => this.events.push(nameOf(event)));
    this.#show('/files/upload', (url) =>
      this.#http.put(url, file, { observe: 'events', reportUploadProgress: true }).pipe(note),
    );
  }

  showPicture(): void {
    this.picture = `${apiUrl()}/files/picture`;
  }

  #show(path: string, send: (url: string) => Observable<unknown>): void {
    const say = (outcome: string): void => {
      this.answer = `${path} ${outcome}`;
      this.#view.markForCheck();
    };
    send(`${apiUrl()}${path}`).subscribe({
      complete: () => say('answered'),
      error: (error: unknown) => say(error instanceof HttpErrorResponse ? `refused ${error.status}` : String(error)),
    });
  }
}

function nameOf(event: HttpEvent<unknown>): string {
  const name = HttpEventType[event.type];
  return event.type === HttpEventType.UploadProgress ? `${name}:${event.loaded}/${event.total ?? '?'}` : name;
}
