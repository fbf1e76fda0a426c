import { Component, computed, inject, input, signal } from '@angular/core';
import { BankApi } from '../api/bank-api.js';
import { DayPipe, MoneyPipe } from '../ui/format.js';
import { latest } from '../ui/latest.js';
import { LoadState } from '../ui/load-state.js';
import { BalanceChart } from './balance-chart.js';

/** The periods that can be chosen, in days. */
const periods = [
  { days: 30, name: '30 days' },
  { days: 90, name: '90 days' },
  { days: 365, name: '1 year' },
] as const;

/** The balance over time: drawn, and as a table for whoever prefers figures. */
@Component({
  selector: 'bank-balance-card',
  imports: [BalanceChart, DayPipe, LoadState, MoneyPipe],
  template: `
    <section class="card" aria-labelledby="chart-title">
      <div class="card-head">
        <h2 id="chart-title">Balance</h2>
        <div class="segments" role="group" aria-label="Period">
          @for (period of periods; track period.days) {
            <button
              type="button"
              [attr.aria-pressed]="period.days === days()"
              [attr.data-testid]="'period-' + period.days"
              (click)="days.set(period.days)"
            >
              {{ period.name }}
            </button>
          }
        </div>
      </div>
      <bank-load-state what="the balance" [of]="loading" />
      @if (points().length > 1) {
        <bank-balance-chart [points]="points()" />
        <details>
          <summary data-testid="chart-table">Show as a table</summary>
          <div class="scroll" role="region" aria-label="Balance by day" tabindex="0">
            <table>
              <caption class="visually-hidden">
                Balance at the end of each day, newest first
              </caption>
              <thead>
                <tr>
                  <th scope="col">Day</th>
                  <th scope="col" class="number">Balance</th>
                </tr>
              </thead>
              <tbody>
                @for (point of newestFirst(); track point.date) {
                  <tr>
                    <td>{{ point.date | day }}</td>
                    <td class="number figure">{{ point.balance | money }}</td>
                  </tr>
                }
              </tbody>
            </table>
          </div>
        </details>
      }
    </section>
  `,
})
export class BalanceCard {
  readonly account = input.required<string>();
  readonly #api = inject(BankApi);
  protected readonly periods = periods;
  protected readonly days = signal(90);
  protected readonly loading = this.#api.balances(() => ({ account: this.account(), days: this.days() }));
  readonly #shown = latest(this.loading);
  protected readonly points = computed(() => this.#shown()?.points ?? []);
  protected readonly newestFirst = computed(() => [...this.points()].reverse());
}
