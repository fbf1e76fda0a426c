import { Component, type Signal, computed, inject, input, signal } from '@angular/core';
import { toObservable, takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { Router, RouterLink } from '@angular/router';
import { debounceTime, skip } from 'rxjs';
import { BankApi } from '../api/bank-api.js';
import { CountPipe, IbanPipe, MoneyPipe } from '../ui/format.js';
import { Icon } from '../ui/icon.js';
import { latest } from '../ui/latest.js';
import { LoadState } from '../ui/load-state.js';
import { BalanceCard } from './balance-card.js';
import { EntriesTable } from './entries-table.js';
import { StatementDownload } from './statement-download.js';

const pageSize = 15;
/** Milliseconds without a key until what was typed is looked for. */
const typingPause = 250;

/**
 * One account: its balance over time and its entries. The page stands in the address, so that back works; what is looked
 * for does not, because addresses outlive the person: in the history, and in the way back after a sign-in.
 */
@Component({
  selector: 'bank-statement',
  imports: [RouterLink, BalanceCard, CountPipe, EntriesTable, IbanPipe, Icon, LoadState, MoneyPipe, StatementDownload],
  templateUrl: './statement.html',
})
export class Statement {
  /** From the address. */
  readonly id = input.required<string>();
  readonly page = input<string>();
  protected readonly search = signal('');
  readonly #api = inject(BankApi);
  readonly #router = inject(Router);
  protected readonly loadingAccounts = this.#api.accounts();
  protected readonly account = computed(() => {
    const all = this.loadingAccounts.hasValue() ? this.loadingAccounts.value().accounts : [];
    return all.find(({ id }) => id === this.id());
  });
  protected readonly missing = computed(() => this.loadingAccounts.hasValue() && !this.account());
  protected readonly loading = this.#api.entries(() => ({
    account: this.id(),
    page: Math.max(1, Math.trunc(Number(this.page() ?? 1)) || 1),
    size: pageSize,
    search: this.search(),
  }));
  protected readonly shown = latest(this.loading);
  protected readonly typed = signal('');
  protected readonly found: Signal<string> = computed(() => {
    const page = this.shown();
    if (!page) return '';
    return page.total === 1 ? 'One entry found.' : `${page.total || 'No'} entries found.`;
  });

  constructor() {
    const wanted = toObservable(computed(() => this.typed().trim()));
    wanted.pipe(skip(1), debounceTime(typingPause), takeUntilDestroyed()).subscribe((search) => {
      this.search.set(search);
      // What is found begins on its first page.
      void this.#router.navigate([], { replaceUrl: true });
    });
  }
}
