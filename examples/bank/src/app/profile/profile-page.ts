import { Component, computed } from '@angular/core';
import { injectBankSession } from '../session/bank-session.js';
import { NameCard } from './name-card.js';
import { PasswordCard } from './password-card.js';
import { PictureCard } from './picture-card.js';

/** What the bank knows of a person, and the password. */
@Component({
  selector: 'bank-profile-page',
  imports: [NameCard, PasswordCard, PictureCard],
  template: `
    <h1 tabindex="-1">Profile</h1>
    <p class="lead">
      You sign in as <strong data-testid="profile-username">{{ username() }}</strong>.
    </p>
    <div class="columns">
      <div class="stack"><bank-picture-card /><bank-name-card /></div>
      <bank-password-card />
    </div>
  `,
})
export class ProfilePage {
  readonly #user = injectBankSession().user;
  protected readonly username = computed(() => this.#user()?.username);
}
