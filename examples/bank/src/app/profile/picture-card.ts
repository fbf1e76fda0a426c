import { Component, computed, inject, signal } from '@angular/core';
import { BankApi } from '../api/bank-api.js';
import { injectBankSession } from '../session/bank-session.js';
import { Avatar } from '../shell/avatar.js';
import { formatBytes } from '../ui/format.js';
import { Notice } from '../ui/notice.js';
import { type Progress, follow } from '../ui/progress.js';
import { Task } from '../ui/task.js';

const largest = 32 * 1024 * 1024;
const kinds = ['image/png', 'image/jpeg', 'image/webp', 'image/gif', 'image/avif'];

/** The person's picture: kept by the API, never in the browser's storage. */
@Component({
  selector: 'bank-picture-card',
  imports: [Avatar, Notice],
  templateUrl: './picture-card.html',
})
export class PictureCard {
  readonly #session = injectBankSession();
  readonly #api = inject(BankApi);
  protected readonly kinds = kinds.join(',');
  protected readonly task = new Task();
  protected readonly progress = signal<Progress | undefined>(undefined);
  protected readonly wrongFile = signal('');
  protected readonly done = signal('');
  protected readonly problem = computed(() => this.wrongFile() || this.task.error());
  protected readonly hasPicture = computed(() => this.#session.user()?.profile.pictureVersion !== undefined);
  protected readonly sent = computed(() => {
    const { loaded, total } = this.progress() ?? { loaded: 0, total: undefined };
    return total ? `${formatBytes(loaded)} of ${formatBytes(total)}` : 'Starting…';
  });

  protected async choose(chooser: HTMLInputElement): Promise<void> {
    const file = chooser.files?.[0];
    this.#forget();
    if (!file) return;
    this.wrongFile.set(whatIsWrongWith(file));
    if (this.wrongFile()) return;
    const sent = await this.task.run(async () => {
      await follow(this.#api.sendPicture(file), this.progress);
      // Another number is another address, so that every tab loads the new picture.
      await this.#session.updateUser({ profile: { pictureVersion: Date.now() } });
    });
    // The same file can be chosen again.
    chooser.value = '';
    if (sent) this.done.set('Your new picture is there.');
  }

  protected async remove(): Promise<void> {
    this.#forget();
    const removed = await this.task.run(async () => {
      await this.#api.removePicture();
      await this.#session.updateUser({ profile: { pictureVersion: null } });
    });
    if (removed) this.done.set('Your picture is gone.');
  }

  #forget(): void {
    this.done.set('');
    this.wrongFile.set('');
    this.task.forget();
  }
}

function whatIsWrongWith({ type, size }: File): string {
  if (!kinds.includes(type)) return 'This is no picture that we can show. Please choose PNG, JPEG, WebP, GIF or AVIF.';
  return size > largest ? `This file has ${formatBytes(size)}. Please choose one of 32 MB at most.` : '';
}
