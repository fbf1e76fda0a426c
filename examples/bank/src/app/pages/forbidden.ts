import { Component } from '@angular/core';
import { RouterLink } from '@angular/router';
import { injectBankSession } from '../session/bank-session.js';

/** Where a guard leads who may not see a page. */
@Component({
  selector: 'bank-forbidden',
  imports: [RouterLink],
  template: `
    <div class="card plain-page">
      <h1 tabindex="-1">This page is for advisers</h1>
      <p class="lead">
        @if (user(); as person) {
          You are signed in as <strong>{{ person.username }}</strong>, a customer.
        }
        Your accounts are where they were.
      </p>
      <p><a class="button" routerLink="/" data-testid="to-accounts">To my accounts</a></p>
    </div>
  `,
})
export class Forbidden {
  protected readonly user = injectBankSession().user;
}
