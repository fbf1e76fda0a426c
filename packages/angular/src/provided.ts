import { isPlatformServer } from '@angular/common';
import { InjectionToken, PLATFORM_ID, inject } from '@angular/core';
import { ConfigError, type Session } from '@latchkey/client';
import type { InactivityOptions } from '@latchkey/client/inactivity';

/** Seconds without any act in any tab: until the warning, and until the sign-out. */
export type InactivityTimes = Pick<InactivityOptions, 'warnAfter' | 'signOutAfter'>;

/** What `provideLatchkey` takes beside the options: `withLoginPage(…)`, `withInactivity(…)`. */
export interface LatchkeyFeature {
  readonly loginPage?: string;
  readonly inactivity?: InactivityTimes;
}

/** What an app's providers say: its session of `@latchkey/client`, and the features. */
export interface Provided extends LatchkeyFeature {
  readonly session: Session;
}

/** The one thing that is provided; all else here is made from it. */
export const PROVIDED = new InjectionToken<Provided>('Latchkey', {
  factory: () => {
    throw new ConfigError('Latchkey is not provided: add provideLatchkey({ api: … }) to the providers of the app.');
  },
});

/** Whether this is a rendering server, which knows nobody. Needs an injection context. */
export const onServer = (): boolean => isPlatformServer(inject(PLATFORM_ID));
