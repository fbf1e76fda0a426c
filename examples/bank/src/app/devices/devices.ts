import { Component, computed, inject, signal } from '@angular/core';
import { BankApi } from '../api/bank-api.js';
import type { Device } from '../api/bank-types.js';
import { injectBankSession } from '../session/bank-session.js';
import { Dialog } from '../ui/dialog.js';
import { MomentPipe } from '../ui/format.js';
import { Icon } from '../ui/icon.js';
import { latest } from '../ui/latest.js';
import { LoadState } from '../ui/load-state.js';
import { Notice } from '../ui/notice.js';
import { Task } from '../ui/task.js';
import { describeDevice } from './device-name.js';

/** Where a person is signed in, and the ways to end that. */
@Component({
  selector: 'bank-devices',
  imports: [Dialog, Icon, LoadState, MomentPipe, Notice],
  templateUrl: './devices.html',
})
export class Devices {
  readonly #session = injectBankSession();
  readonly #api = inject(BankApi);
  protected readonly loading = this.#api.devices();
  readonly #loaded = latest(this.loading);
  protected readonly devices = computed(() =>
    (this.#loaded()?.sessions ?? [])
      .map((device) => ({ ...device, ...describeDevice(device.user_agent) }))
      .sort((a, b) => Number(b.current) - Number(a.current) || b.refreshed_at - a.refreshed_at),
  );
  protected readonly ending = new Task();
  protected readonly leaving = new Task();
  protected readonly asking = signal(false);
  protected readonly done = signal('');

  protected async end({ id, name }: Device & { name: string }): Promise<void> {
    this.done.set('');
    if (await this.ending.run(() => this.#api.endDevice(id))) this.done.set(`${name} is signed out.`);
    this.loading.reload();
  }

  protected async leaveEverywhere(): Promise<void> {
    if (await this.leaving.run(() => this.#session.signOut({ everywhere: true }))) this.asking.set(false);
  }
}
