import { Component, computed, inject } from '@angular/core';
import { RouterLink } from '@angular/router';
import { BankApi } from '../api/bank-api.js';
import { injectBankSession } from '../session/bank-session.js';
import { IbanPipe, MoneyPipe, formatRate } from '../ui/format.js';
import { Icon } from '../ui/icon.js';
import { LoadState } from '../ui/load-state.js';
import { EntriesTable } from './entries-table.js';
import { greetingAt } from './greeting.js';

/** What a person sees first: the accounts, what is on them, and what happened last. */
@Component({
  selector: 'bank-overview',
  imports: [RouterLink, EntriesTable, IbanPipe, Icon, LoadState, MoneyPipe],
  templateUrl: './overview.html',
})
export class Overview {
  readonly #user = injectBankSession().user;
  readonly #api = inject(BankApi);
  protected readonly greeting = computed(() => {
    const [name] = (this.#user()?.profile.displayName ?? '').split(' ');
    const greeting = greetingAt(new Date());
    return name ? `${greeting}, ${name}` : greeting;
  });
  protected readonly loading = this.#api.accounts();
  protected readonly accounts = computed(() => (this.loading.hasValue() ? this.loading.value().accounts : []));
  readonly #rates = this.#api.rates();
  protected readonly savingsRate = computed(() =>
    this.#rates.hasValue() ? formatRate(this.#rates.value().savings) : '',
  );
  protected readonly total = computed(() => this.accounts().reduce((sum, { balance }) => sum + balance, 0));
  protected readonly first = computed(() => this.accounts().at(0));
  protected readonly loadingEntries = this.#api.entries(() => {
    const account = this.first()?.id;
    return account === undefined ? undefined : { account, page: 1, size: 6, search: '' };
  });
  protected readonly entries = computed(() =>
    this.loadingEntries.hasValue() ? this.loadingEntries.value().entries : [],
  );
}
