import { Component, computed, inject } from '@angular/core';
import { BankApi } from '../api/bank-api.js';
import { CountPipe, MoneyPipe } from '../ui/format.js';
import { LoadState } from '../ui/load-state.js';

/** The bank in three figures, for its advisers alone: the guard asks the token's claim, the API asks it again. */
@Component({
  selector: 'bank-adviser',
  imports: [CountPipe, LoadState, MoneyPipe],
  template: `
    <h1 tabindex="-1">For advisers</h1>
    <p class="lead">The bank as it stands now.</p>
    <bank-load-state what="the figures" [of]="loading" />
    @if (figures(); as bank) {
      <dl class="tiles">
        <div class="card">
          <dt>Customers</dt>
          <dd class="figure" data-testid="adviser-customers">{{ bank.customers | count }}</dd>
        </div>
        <div class="card">
          <dt>Accounts</dt>
          <dd class="figure" data-testid="adviser-accounts">{{ bank.accounts | count }}</dd>
        </div>
        <div class="card">
          <dt>Deposits</dt>
          <dd class="figure" data-testid="adviser-deposits">{{ bank.deposits | money }}</dd>
        </div>
      </dl>
    }
  `,
})
export class Adviser {
  protected readonly loading = inject(BankApi).figures();
  protected readonly figures = computed(() => (this.loading.hasValue() ? this.loading.value() : undefined));
}
