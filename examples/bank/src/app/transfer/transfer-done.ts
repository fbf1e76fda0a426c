import { Component, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { DayPipe, IbanPipe, MoneyPipe } from '../ui/format.js';
import { Icon } from '../ui/icon.js';
import { LastTransfer } from './last-transfer.js';

/** Confirms a transfer, with the entry that came of it. */
@Component({
  selector: 'bank-transfer-done',
  imports: [RouterLink, DayPipe, IbanPipe, Icon, MoneyPipe],
  template: `
    @if (sent(); as transfer) {
      <div class="card done-card">
        <span class="done-mark"><bank-icon name="check" /></span>
        <h1 tabindex="-1">Transfer sent</h1>
        <p class="hero-amount figure" data-testid="sent-amount">{{ transfer.order.amount | money }}</p>
        <dl class="facts" data-testid="sent-entry">
          <div>
            <dt>To</dt>
            <dd>{{ transfer.order.name }}</dd>
          </div>
          <div>
            <dt>IBAN</dt>
            <dd class="figure">{{ transfer.order.iban | iban }}</dd>
          </div>
          @if (transfer.order.purpose) {
            <div>
              <dt>Purpose</dt>
              <dd>{{ transfer.order.purpose }}</dd>
            </div>
          }
          <div>
            <dt>Booked on</dt>
            <dd>{{ transfer.entry.date | day }}</dd>
          </div>
          <div>
            <dt>Balance now</dt>
            <dd class="figure" data-testid="sent-balance">{{ transfer.entry.balance | money }}</dd>
          </div>
        </dl>
        <div class="actions centred">
          <a class="button" [routerLink]="['/accounts', transfer.order.from]" data-testid="to-statement">
            See the statement
          </a>
          <a class="button quiet" routerLink="/transfer" data-testid="another">Another transfer</a>
        </div>
      </div>
    }
  `,
})
export class TransferDone {
  protected readonly sent = inject(LastTransfer).sent;
}
