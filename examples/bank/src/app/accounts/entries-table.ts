import { Component, input } from '@angular/core';
import type { Entry } from '../api/bank-types.js';
import { DayPipe, MoneyPipe } from '../ui/format.js';

/** Entries, newest first. On a phone the balance stands back. */
@Component({
  selector: 'bank-entries-table',
  imports: [DayPipe, MoneyPipe],
  template: `
    <table class="entries">
      <caption class="visually-hidden">
        {{
          caption()
        }}
      </caption>
      <thead>
        <tr>
          <th scope="col">Date</th>
          <th scope="col">What</th>
          <th scope="col" class="number">Amount</th>
          <th scope="col" class="number wide-only">Balance</th>
        </tr>
      </thead>
      <tbody>
        @for (entry of entries(); track entry.id) {
          <tr data-testid="entry">
            <td class="date">{{ entry.date | day }}</td>
            <td>
              <span class="counterparty">{{ entry.counterparty }}</span>
              <span class="text">{{ entry.text }}</span>
            </td>
            <td class="number figure" [class.in]="entry.amount > 0">{{ entry.amount | money: 'signed' }}</td>
            <td class="number figure wide-only quiet-text">{{ entry.balance | money }}</td>
          </tr>
        }
      </tbody>
    </table>
  `,
})
export class EntriesTable {
  readonly entries = input.required<readonly Entry[]>();
  readonly caption = input.required<string>();
}
