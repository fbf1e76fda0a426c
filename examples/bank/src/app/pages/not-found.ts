import { Component, inject } from '@angular/core';
import { Router, RouterLink } from '@angular/router';

/** Where an address leads that has no page. */
@Component({
  selector: 'bank-not-found',
  imports: [RouterLink],
  template: `
    <div class="card plain-page">
      <p class="big-number figure" aria-hidden="true">404</p>
      <h1 tabindex="-1">There is no such page</h1>
      <p class="lead">
        Nothing is at <code>{{ path }}</code>. The link may be old, or a letter may be missing.
      </p>
      <p><a class="button" routerLink="/" data-testid="to-accounts">To my accounts</a></p>
    </div>
  `,
})
export class NotFound {
  protected readonly path = inject(Router).url.replace(/[?#].*/, '');
}
