import { HttpClient, HttpContext, HttpErrorResponse, type HttpEvent, HttpEventType } from '@angular/common/http';
import { ChangeDetectorRef, Component, inject } from '@angular/core';
import { Router } from '@angular/router';
import { SKIP_AUTH } from '@latchkey/angular';
import type { Observable } from 'rxjs';
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
    this.#show(this.#http.get(`${apiUrl()}/time`));
  }

  skipByContext(): void {
    this.#show(this.#http.get(`${apiUrl()}/public/terms`, { context: new HttpContext().set(SKIP_AUTH, true) }));
  }

  skipByHeader(): void {
    this.#show(this.#http.get(`${apiUrl()}/public/rules`, { headers: { skip: 'true' } }));
  }

  /** Sends the chosen file, and notes every event on the way: `Sent`, `UploadProgress:512/1024`, `Response`. */
  upload(files: FileList | null): void {
    const file = files?.item(0);
    const answer = this.#http.put(`${apiUrl()}/files/upload`, file, { observe: 'events', reportUploadProgress: true });
    this.#show(answer, (event) => this.events.push(nameOf(event)));
  }

  showPicture(): void {
    this.picture = `${apiUrl()}/files/picture`;
  }

  #show<Answer>(answer: Observable<Answer>, note: (part: Answer) => void = () => undefined): void {
    this.answer = 'asking';
    answer.subscribe({
      next: note,
      complete: () => this.#say('answered'),
      error: (error: unknown) =>
        this.#say(error instanceof HttpErrorResponse ? `refused ${error.status}` : String(error)),
    });
  }

  #say(answer: string): void {
    this.answer = answer;
    this.#view.markForCheck();
  }
}

function nameOf(event: HttpEvent<unknown>): string {
  const name = HttpEventType[event.type];
  return event.type === HttpEventType.UploadProgress ? `${name}:${event.loaded}/${event.total ?? '?'}` : name;
}
