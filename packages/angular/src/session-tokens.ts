import { isPlatformServer } from '@angular/common';
import { InjectionToken, PLATFORM_ID, inject } from '@angular/core';
import { ConfigError, type Session } from '@latchkey/client';
import type { InactivityOptions } from '@latchkey/client/inactivity';

/** The session of `@latchkey/client` behind everything here. */
export const CLIENT_SESSION = new InjectionToken<Session>('Latchkey: the session', {
  factory: () => {
    throw new ConfigError('Latchkey is not provided: add provideLatchkey({ api: … }) to the providers of the app.');
  },
});

/** Where `withLoginPage` says that people sign in. */
export const LOGIN_PAGE_PATH = new InjectionToken<string | undefined>('Latchkey: the path of the login page', {
  factory: () => undefined,
});

/** What `withInactivity` says. */
export const INACTIVITY = new InjectionToken<InactivityTimes | undefined>('Latchkey: inactivity', {
  factory: () => undefined,
});

/** Seconds without any act in any tab: until the warning, and until the sign-out. */
export type InactivityTimes = Pick<InactivityOptions, 'warnAfter' | 'signOutAfter'>;

/** Whether this is a rendering server, which knows nobody. Needs an injection context. */
export const onServer = (): boolean => isPlatformServer(inject(PLATFORM_ID));
