import { Injectable, inject, signal } from '@angular/core';
import { type CanActivateFn, Router } from '@angular/router';
import type { Entry, TransferOrder } from '../api/bank-types.js';

/** What was sent, and the entry that came of it. */
export interface SentTransfer {
  readonly order: TransferOrder;
  readonly entry: Entry;
}

/** The last transfer of this page's life, for the page that confirms it; gone with a reload. */
@Injectable({ providedIn: 'root' })
export class LastTransfer {
  readonly sent = signal<SentTransfer | undefined>(undefined);
}

/** Shows the confirmation only after a transfer; otherwise a new one is begun. */
export const afterTransferGuard: CanActivateFn = () =>
  inject(LastTransfer).sent() !== undefined || inject(Router).parseUrl('/transfer');
