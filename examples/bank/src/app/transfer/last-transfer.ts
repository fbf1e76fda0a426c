import { Injectable, inject, linkedSignal } from '@angular/core';
import { type CanActivateFn, Router } from '@angular/router';
import type { Entry, TransferOrder } from '../api/bank-types.js';
import { injectBankSession } from '../session/bank-session.js';

/** What was sent, and the entry that came of it. */
export interface SentTransfer {
  readonly order: TransferOrder;
  readonly entry: Entry;
}

/** The last transfer of whoever is signed in, for the page that confirms it; gone with a reload, and with the person. */
@Injectable({ providedIn: 'root' })
export class LastTransfer {
  readonly #user = injectBankSession().user;
  readonly sent = linkedSignal<string | undefined, SentTransfer | undefined>({
    source: () => this.#user()?.id,
    computation: () => undefined,
  });
}

/** Shows the confirmation only after a transfer; otherwise a new one is begun. */
export const afterTransferGuard: CanActivateFn = () =>
  inject(LastTransfer).sent() !== undefined || inject(Router).parseUrl('/transfer');
