import { Component, computed, inject } from '@angular/core';
import { injectBankSession } from '../session/bank-session.js';
import { SessionNews } from '../session/session-news.js';
import { formatMoment } from '../ui/format.js';
import { inWords } from './event-words.js';

const shownAtMost = 60;
const times = new Intl.DateTimeFormat('en-IE', { timeStyle: 'medium' });

/** What happened to the session in this tab, newest first, in words. */
@Component({
  selector: 'bank-why',
  template: `
    <h1 tabindex="-1">Why?</h1>
    <p class="lead">
      What happened to your session in this tab, newest first. No token, name or address is in it, so you may show it to
      anybody.
    </p>
    @if (events().length > 0) {
      <ol class="card flush timeline" reversed aria-label="Timeline">
        @for (event of events(); track event.key) {
          <li [class]="event.words.tone" data-testid="event">
            <time class="figure" [attr.datetime]="event.iso" [attr.title]="event.day">{{ event.time }}</time>
            <div>
              <p class="event-title">{{ event.words.title }}</p>
              @if (event.words.detail) {
                <p class="quiet-text">{{ event.words.detail }}</p>
              }
            </div>
          </li>
        }
      </ol>
    } @else {
      <p class="card empty" data-testid="no-events">
        Nothing yet. What happens to your session from now on shows here.
      </p>
    }
  `,
})
export class Why {
  readonly #session = injectBankSession();
  readonly #count = inject(SessionNews).events;
  protected readonly events = computed(() => {
    this.#count();
    const newest = this.#session.explain().slice(-shownAtMost).reverse();
    return newest.map((event, index) => ({
      key: `${event.at} ${event.type} ${newest.length - index}`,
      iso: new Date(event.at).toISOString(),
      time: times.format(event.at),
      day: formatMoment(event.at),
      words: inWords(event),
    }));
  });
}
