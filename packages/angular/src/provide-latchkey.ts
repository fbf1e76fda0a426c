import {
  ApplicationRef,
  DestroyRef,
  EnvironmentInjector,
  ErrorHandler,
  type EnvironmentProviders,
  Injector,
  NgZone,
  TransferState,
  afterNextRender,
  inject,
  makeEnvironmentProviders,
  makeStateKey,
  provideAppInitializer,
} from '@angular/core';
import { NavigationEnd, Router } from '@angular/router';
import {
  ConfigError,
  type Session,
  type SessionOptions,
  type SignedOutReason,
  type Snapshot,
  createSession,
} from '@latchkey/client';
import { watchInactivity } from '@latchkey/client/inactivity';
import { SESSION_VIEW } from './angular-session.js';
import { LOGIN_PAGE } from './login-page.js';
import { type InactivityTimes, type LatchkeyFeature, PROVIDED, type Provided, onServer } from './provided.js';

/**
 * Provides the session, starts it with the app and ends it with it. Beside it the app needs the interceptor:
 * `provideHttpClient(withInterceptors([latchkeyInterceptor]))`. The options are those of `createSession`, or a function
 * that gives them, which may call `inject`. Starting waits for nothing: first paint is not held up.
 * @throws ConfigError ERR_CONFIG, when the app starts, for an option that cannot work
 * @example
 * bootstrapApplication(App, {
 *   providers: [
 *     provideRouter(routes),
 *     provideHttpClient(withInterceptors([latchkeyInterceptor])),
 *     provideLatchkey({ api: 'https://api.example.com' }, withLoginPage('/login')),
 *   ],
 * });
 */
export function provideLatchkey(
  options: SessionOptions | (() => SessionOptions),
  ...features: readonly LatchkeyFeature[]
): EnvironmentProviders {
  return provideSession((signedOut) => {
    const given = typeof options === 'function' ? options() : options;
    return createSession({ ...given, onSignedOut: (reason) => signedOut(reason, () => given.onSignedOut?.(reason)) });
  }, features);
}

/**
 * Names the page where people sign in. The guards lead there, and so does every sign-out, in every tab; after sign-in,
 * in any tab, the page is left for where the person was going. `path` is one of the router's, such as `/login`.
 */
export const withLoginPage = (path: `/${string}`): LatchkeyFeature => ({ loginPage: path });

/**
 * Signs out whoever does nothing for `signOutAfter` seconds in any tab; `injectSession().inactivity` warns before.
 * @see watchInactivity
 */
export const withInactivity = (times: InactivityTimes): LatchkeyFeature => ({ inactivity: times });

/** Provides a session that `make` makes; it is told whom to call when the session ends. */
export function provideSession(
  make: (signedOut: (reason: SignedOutReason, tellApp?: () => void) => void) => Session,
  features: readonly LatchkeyFeature[],
): EnvironmentProviders {
  const provided = (): Provided => {
    const [zone, injector, destroyed] = [inject(NgZone), inject(Injector), inject(DestroyRef)];
    // Of a route's providers no app initializer runs: the session would never start, and its guards wait for ever.
    if (inject(EnvironmentInjector) !== inject(ApplicationRef).injector) throw new ConfigError(ofARoute);
    const signedOut = (reason: SignedOutReason, tellApp?: () => void): void => {
      // What was being read from storage may arrive when the app is gone.
      if (destroyed.destroyed) return;
      zone.run(() => {
        // The router is asked for late: it may need what needs the session.
        injector.get(LOGIN_PAGE).show(reason);
        // After ours, so that an app's own navigation has the last word.
        tellApp?.();
      });
    };
    return Object.assign({ session: outside(zone, make(signedOut)) }, ...features) as Provided;
  };
  return makeEnvironmentProviders([{ provide: PROVIDED, useFactory: provided }, provideAppInitializer(begin)]);
}

const ofARoute =
  'provideLatchkey(…) stands among the providers of a route: put it into those of the app, where there is one session.';

/** Timers that a call sets are the session's: in the zone, one that is always set would keep an app from being stable. */
function outside(zone: NgZone, session: Session): Session {
  const calls = Object.entries(session as object) as [string, (...given: unknown[]) => unknown][];
  const moved = calls.map(([name, call]) => [
    name,
    (...given: unknown[]) => zone.runOutsideAngular(() => call(...given)),
  ]);
  return { ...session, ...(Object.fromEntries(moved) as object) };
}

/** Set by a server for the browser: this page was rendered, with nobody known. */
const rendered = makeStateKey<boolean>('latchkey');

/** Runs when the app starts. */
function begin(): void {
  const [{ session, inactivity }, transfer, zone] = [inject(PROVIDED), inject(TransferState), inject(NgZone)];
  if (onServer()) {
    transfer.set(rendered, true);
    return;
  }
  const [view, destroyed] = [inject(SESSION_VIEW), inject(DestroyRef)];
  try {
    destroyed.onDestroy(session.start());
  } catch (error) {
    // Thrown on, it would leave an empty page to whoever has another app's session. Here nobody is signed in.
    inject(ErrorHandler).handleError(error);
  }
  if (inactivity) {
    const onWarning: typeof view.warn = (warning) => zone.run(() => view.warn(warning));
    destroyed.onDestroy(zone.runOutsideAngular(() => watchInactivity(session, { ...inactivity, onWarning })));
  }
  const show = (): void => zone.run(() => view.show(session.snapshot()));
  const follow = (): void => {
    show();
    destroyed.onDestroy(session.subscribe(show));
  };
  // What a server rendered is taken over as it stands; what the browser knows comes right after, before it paints.
  if (transfer.get(rendered, false)) afterNextRender(follow);
  else follow();
  followPeople(session);
}

/**
 * Leaves the login page when somebody signs in, in any tab, and when it is opened by somebody who is signed in. Leaves
 * any page when a person comes after another one of whose sign-out a sleeping tab has not heard.
 */
function followPeople(session: Session): void {
  const [zone, loginPage, destroyed] = [inject(NgZone), inject(LOGIN_PAGE), inject(DestroyRef)];
  let before: Snapshot['status'] | undefined = session.snapshot().status;
  let person = session.snapshot().user?.id;
  const look = (): void => {
    const { status, user } = session.snapshot();
    const [lastStatus, lastPerson] = [before, person];
    [before, person] = [status, status === 'signed-in' ? (user?.id ?? person) : undefined];
    if (status !== 'signed-in') return;
    if (lastStatus !== status) zone.run(() => loginPage.leave());
    else if (lastPerson !== undefined && lastPerson !== person) zone.run(() => loginPage.start());
  };
  destroyed.onDestroy(session.subscribe(look));
  const navigations = inject(Router).events.subscribe((event) => {
    if (!(event instanceof NavigationEnd)) return;
    navigations.unsubscribe();
    before = undefined;
    look();
  });
  destroyed.onDestroy(() => navigations.unsubscribe());
}
