import { Component, computed } from '@angular/core';
import { RouterLink, RouterLinkActive } from '@angular/router';
import { injectBankSession } from '../session/bank-session.js';
import { Icon, type IconName } from '../ui/icon.js';
import { Task } from '../ui/task.js';
import { Avatar } from './avatar.js';

interface Place {
  readonly path: string;
  readonly name: string;
  readonly icon: IconName;
}

const places: readonly Place[] = [
  { path: '/', name: 'Accounts', icon: 'accounts' },
  { path: '/transfer', name: 'Transfer', icon: 'transfer' },
  { path: '/devices', name: 'Devices', icon: 'devices' },
  { path: '/profile', name: 'Profile', icon: 'profile' },
];
const advisersPlace: Place = { path: '/adviser', name: 'Adviser', icon: 'adviser' };

/** The top of every page. Before it is known whether somebody is signed in, it says nothing of either. */
@Component({
  selector: 'bank-header',
  imports: [RouterLink, RouterLinkActive, Avatar, Icon],
  templateUrl: './header.html',
})
export class Header {
  readonly #session = injectBankSession();
  protected readonly signOut = new Task();
  protected readonly status = this.#session.status;
  protected readonly name = computed(() => {
    const user = this.#session.user();
    const { displayName = '' } = user?.profile ?? {};
    return displayName === '' ? user?.username : displayName;
  });
  protected readonly places = computed(() => {
    const adviser = this.#session.claims()?.['role'] === 'adviser';
    return adviser ? [...places, advisersPlace] : places;
  });

  protected leave(): void {
    void this.signOut.run(() => this.#session.signOut());
  }
}
