import { Component, computed, input } from '@angular/core';
import { Icon, type IconName } from './icon.js';

/** How a notice is meant. */
export type NoticeKind = 'info' | 'good' | 'bad';

const icons: Readonly<Record<NoticeKind, IconName>> = { info: 'info', good: 'check', bad: 'alert' };

/** A sentence in a box. It is read out when it appears, because the region around it was there before. */
@Component({
  selector: 'bank-notice',
  imports: [Icon],
  template: `
    <div [attr.role]="kind() === 'bad' ? 'alert' : 'status'">
      @if (text(); as shown) {
        <p class="notice" [class]="kind()" [attr.data-testid]="testid()">
          <bank-icon [name]="icon()" /><span>{{ shown }}</span>
        </p>
      }
    </div>
  `,
})
export class Notice {
  readonly text = input.required<string | undefined>();
  readonly kind = input<NoticeKind>('info');
  readonly testid = input('notice');
  protected readonly icon = computed(() => icons[this.kind()]);
}
