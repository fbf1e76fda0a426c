import { InjectionToken, type Signal, computed, inject, signal } from '@angular/core';
import type { AccessTokenClaims, Session, Snapshot, User } from '@latchkey/client';
import type { InactivityWarning } from '@latchkey/client/inactivity';
import { BehaviorSubject, type Observable } from 'rxjs';
import { LOGIN_PAGE, type LoginPage } from './login-page.js';
import { PROVIDED } from './provided.js';

/** The session as Angular code sees it: the methods of `Session`, its state as signals and as an observable. */
export interface AngularSession<Profile = unknown> extends Omit<Session<Profile>, 'start' | 'subscribe' | 'snapshot'> {
  readonly snapshot: Signal<Snapshot<Profile>>;
  /** `restoring` until the stored session, if any, has been read; and on a server that renders, which knows nobody. */
  readonly status: Signal<Snapshot['status']>;
  /** Who is signed in; changes only when something of it does. */
  readonly user: Signal<User<Profile> | undefined>;
  /** What the access token says, unverified: for display. */
  readonly claims: Signal<AccessTokenClaims | undefined>;
  /** When the access token expires, in milliseconds since 1970 on this device's clock. */
  readonly expiresAt: Signal<number | undefined>;
  readonly online: Signal<boolean>;
  /** The snapshot now and at each real transition; never completes, never fails. Emits inside the Angular zone. */
  readonly session$: Observable<Snapshot<Profile>>;
  /** The warning of `withInactivity`, in every tab; counts down each second, `undefined` while there is none. */
  readonly inactivity: Signal<InactivityWarning | undefined>;
  /** Where to go after sign-in: the path that this page, or the login page before it, was told; else `/`. Of this origin. */
  returnTo(): string;
}

/** An `AngularSession` with what the providers feed it. */
export interface SessionView {
  readonly session: AngularSession;
  readonly show: (snapshot: Snapshot) => void;
  readonly warn: (warning: InactivityWarning | undefined) => void;
}

/** The one view of the session in an app; fed by the providers. */
export const SESSION_VIEW = new InjectionToken<SessionView>('Latchkey view', {
  factory: () => createView(inject(PROVIDED).session, inject(LOGIN_PAGE)),
});

/**
 * Gives the session of the app. Call it where `inject` may be called, such as in a field of a component.
 * @throws ConfigError ERR_CONFIG without `provideLatchkey`
 * @example
 * class Header {
 *   readonly session = injectSession<{ name: string }>();
 *   readonly name = computed(() => this.session.user()?.profile.name);
 * }
 */
export const injectSession = <Profile = unknown>(): AngularSession<Profile> =>
  inject(SESSION_VIEW).session as unknown as AngularSession<Profile>;

function createView(source: Session, loginPage: LoginPage): SessionView {
  // Until the providers let go of it, the view is the one that a server renders: see `provideSession`.
  const snapshots = new BehaviorSubject<Snapshot>(nobodyYet);
  const snapshot = signal(nobodyYet);
  const inactivity = signal<InactivityWarning | undefined>(undefined);
  const session: AngularSession = {
    ...source,
    snapshot: snapshot.asReadonly(),
    status: computed(() => snapshot().status),
    user: computed(() => snapshot().user, { equal: (a, b) => JSON.stringify(a) === JSON.stringify(b) }),
    claims: computed(() => snapshot().claims),
    expiresAt: computed(() => snapshot().expiresAt),
    online: computed(() => snapshot().online),
    session$: snapshots.asObservable(),
    inactivity: inactivity.asReadonly(),
    returnTo: () => loginPage.returnTo(),
  };
  return {
    session,
    show(next) {
      // Providers given twice (an app's and a test's) show twice.
      if (next === snapshots.value) return;
      snapshot.set(next);
      snapshots.next(next);
    },
    warn: (warning) => inactivity.set(warning),
  };
}

const nobodyYet: Snapshot = {
  status: 'restoring',
  user: undefined,
  claims: undefined,
  expiresAt: undefined,
  online: true,
  tier: undefined,
};
