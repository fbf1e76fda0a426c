import { Component, ElementRef, Injector, computed, effect, inject, viewChild } from '@angular/core';
import { takeUntilDestroyed } from '@angular/core/rxjs-interop';
import { ReactiveFormsModule } from '@angular/forms';
import { Router } from '@angular/router';
import { BankApi } from '../api/bank-api.js';
import type { Entry, TransferOrder } from '../api/bank-types.js';
import { refusalOf, wantsFreshSignIn } from '../api/refusal.js';
import { sayError } from '../api/say-error.js';
import { MoneyPipe } from '../ui/format.js';
import { mayBeSent } from '../ui/forms.js';
import { LoadState } from '../ui/load-state.js';
import { Notice } from '../ui/notice.js';
import { Task } from '../ui/task.js';
import { TextField } from '../ui/text-field.js';
import { LastTransfer } from './last-transfer.js';
import { PasswordDialog } from './password-dialog.js';
import { sayTransferError } from './say-transfer-error.js';
import { plainIban, readAmount, transferForm } from './transfer-form.js';

/** Sends money. When the sign-in is too long ago, it asks for the password and goes on by itself. */
@Component({
  selector: 'bank-transfer',
  imports: [ReactiveFormsModule, LoadState, MoneyPipe, Notice, PasswordDialog, TextField],
  templateUrl: './transfer.html',
})
export class Transfer {
  readonly #api = inject(BankApi);
  readonly #router = inject(Router);
  readonly #last = inject(LastTransfer);
  readonly #place = { host: inject<ElementRef<HTMLElement>>(ElementRef), injector: inject(Injector) };
  private readonly password = viewChild.required(PasswordDialog);
  protected readonly task = new Task(sayTransferError);
  protected readonly form = transferForm();
  protected readonly loading = this.#api.accounts();
  protected readonly accounts = computed(() => (this.loading.hasValue() ? this.loading.value().accounts : []));
  /** Of what is filled in now. It stays while that stays, so that no press, retry or password sends it a second time. */
  #key = crypto.randomUUID();

  constructor() {
    this.form.valueChanges.pipe(takeUntilDestroyed()).subscribe(() => this.#renewKey());
    effect(() => {
      const first = this.accounts().at(0);
      const { from } = this.form.controls;
      if (first && !from.value) from.setValue(first.id);
    });
  }

  protected send(): void {
    if (!mayBeSent(this.form, this.#place)) return;
    const { from, name, iban, amount, purpose } = this.form.getRawValue();
    const cents = readAmount(amount) ?? 0;
    const order = { from, name: name.trim(), iban: plainIban(iban), amount: cents, purpose: purpose.trim() };
    void this.task.run(async () => {
      const entry = await this.#sendOrder(order, this.#key);
      if (!entry) return;
      this.#renewKey();
      this.#last.sent.set({ order, entry });
      await this.#router.navigateByUrl('/transfer/done', { replaceUrl: true });
    });
  }

  /** Gives nothing when the person would not type the password, or a field was refused. */
  async #sendOrder(order: TransferOrder, key: string): Promise<Entry | undefined> {
    try {
      return await this.#api.transfer(order, key);
    } catch (error) {
      if (wantsFreshSignIn(error)) return (await this.password().ask()) ? this.#sendOrder(order, key) : undefined;
      if (!this.#showAtField(error)) throw error;
      return undefined;
    }
  }

  #renewKey(): void {
    this.#key = crypto.randomUUID();
  }

  /** Says a refusal of the API beside the field that it is about; gives whether it is about one. */
  #showAtField(error: unknown): boolean {
    const field = refusalOf(error)?.field;
    const controls: Partial<Record<string, (typeof this.form.controls)['from']>> = this.form.controls;
    const control = field === undefined ? undefined : controls[field];
    control?.setErrors({ server: sayError(error) });
    if (control) mayBeSent(this.form, this.#place);
    return control !== undefined;
  }
}
