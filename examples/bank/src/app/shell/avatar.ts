import { Component, computed, input } from '@angular/core';
import { AuthorizedSrcPipe } from '@latchkey/angular';
import { injectBankSession } from '../session/bank-session.js';

/** The person's picture, or the first letters of the name. The name itself stands beside it. */
@Component({
  selector: 'bank-avatar',
  imports: [AuthorizedSrcPipe],
  template: `
    <span class="avatar" [class.large]="large()">
      @if (picture() | authorizedSrc; as src) {
        <img [src]="src" alt="" data-testid="avatar-picture" />
      } @else {
        <span aria-hidden="true">{{ initials() }}</span>
      }
    </span>
  `,
})
export class Avatar {
  readonly large = input(false);
  readonly #user = injectBankSession().user;
  protected readonly picture = computed(() => {
    const version = this.#user()?.profile.pictureVersion;
    return version === undefined ? undefined : `/api/me/picture?v=${version}`;
  });
  protected readonly initials = computed(() => {
    const user = this.#user();
    const words = (user?.profile.displayName ?? user?.username ?? '').split(' ').filter(Boolean);
    return [words.at(0), words.length > 1 ? words.at(-1) : ''].map((word) => word?.at(0) ?? '').join('');
  });
}
