import { Component, computed, inject, input, signal } from '@angular/core';
import { BankApi } from '../api/bank-api.js';
import { formatBytes } from '../ui/format.js';
import { Icon } from '../ui/icon.js';
import { Notice } from '../ui/notice.js';
import { type Progress, follow } from '../ui/progress.js';
import { saveFile } from '../ui/save-file.js';
import { Task } from '../ui/task.js';

/** Loads all entries as a file, with progress. */
@Component({
  selector: 'bank-statement-download',
  imports: [Icon, Notice],
  template: `
    <section class="card file-card" aria-labelledby="download-title">
      <div>
        <h2 id="download-title">Take it with you</h2>
        <p class="quiet-text">All entries of this account as a CSV file, for a spreadsheet.</p>
      </div>
      <button type="button" class="button quiet" data-testid="download" [disabled]="task.busy()" (click)="download()">
        <bank-icon name="download" />Download CSV
      </button>
      @if (progress(); as at) {
        <progress
          aria-label="Download"
          data-testid="download-progress"
          [attr.max]="at.total"
          [attr.value]="at.total && at.loaded"
        ></progress>
      }
      <bank-notice testid="download-done" kind="good" [text]="done()" />
      <bank-notice testid="download-error" kind="bad" [text]="task.error()" />
    </section>
  `,
})
export class StatementDownload {
  readonly account = input.required<string>();
  readonly #api = inject(BankApi);
  readonly #size = signal(0);
  protected readonly task = new Task();
  protected readonly progress = signal<Progress | undefined>(undefined);
  protected readonly done = computed(() => (this.#size() ? `Downloaded, ${formatBytes(this.#size())}.` : ''));

  protected download(): void {
    const account = this.account();
    this.#size.set(0);
    void this.task.run(async () => {
      const file = await follow(this.#api.statementFile(account), this.progress);
      if (!file) return;
      saveFile(file, `larkfield-${account}.csv`);
      this.#size.set(file.size);
    });
  }
}
