import { InjectionToken, inject, untracked } from '@angular/core';
import { PRIMARY_OUTLET, Router, type UrlTree } from '@angular/router';
import { ConfigError, type SignedOutReason } from '@latchkey/client';
import { safeReturnTo } from '@latchkey/client/adapter';
import { PROVIDED } from './provided.js';

/** The way to the login page and back. */
export interface LoginPage {
  /** The address that a guard leads to instead of the page that was asked for. @throws ConfigError without a page */
  instead(): UrlTree;
  /** Goes there because the session is over. */
  show(reason: SignedOutReason): void;
  /** Whether the person is, or is going, to a page of the router's: the login page, if no other is named. */
  isHere(path?: string): boolean;
  /** Goes back, if this is the login page; to the start, if the page there is not to be had. */
  leave(): void;
  /** Goes to the start: another person has come, whose page this is not. */
  start(): void;
  /** Where back is: a path of this origin. On pages that were not told, where the login page was last left for. */
  returnTo(): string;
}

/** The query parameter in which the login page gets its return address. */
const parameter = 'returnTo';

/** The login page of the app. */
export const LOGIN_PAGE = new InjectionToken<LoginPage>('Latchkey login page', {
  factory: () => createLoginPage(inject(PROVIDED).loginPage, inject(Router)),
});

function createLoginPage(path: string | undefined, router: Router): LoginPage {
  /** Where the person is, or is going. An effect that asks, and then navigates, must not run again for that. */
  const here = (): string => untracked(router.currentNavigation)?.extractedUrl.toString() ?? router.url;
  /** The page of an address, without its parameters and other outlets. */
  const pageOf = (url: string): string =>
    String(router.parseUrl(url).root.children[PRIMARY_OUTLET]?.segments.map((segment) => segment.path));
  const isLogin = (url: string): boolean => path !== undefined && pageOf(url) === pageOf(path);
  const address = (target: string): UrlTree => {
    if (path === undefined) throw new ConfigError(noPage);
    const tree = router.parseUrl(path);
    if (target !== '/') tree.queryParams = { ...tree.queryParams, [parameter]: target };
    return tree;
  };
  let left = '/';
  /** The way back in the history does not lead to where this was called. */
  const goTo = (url: string): Promise<boolean> => router.navigateByUrl(url, { replaceUrl: true });
  const returnTo = (): string => {
    const url = here();
    const asked = router.parseUrl(url).queryParamMap.get(parameter);
    // An app may ask when the way back has already begun.
    if (asked === null && !isLogin(url)) return left;
    const target = safeReturnTo(asked, anyOrigin);
    return isLogin(target) ? '/' : target;
  };
  return {
    returnTo,
    isHere: (page = path) => page !== undefined && pageOf(here()) === pageOf(page),
    instead: () => address(here()),
    show(reason) {
      left = '/';
      // Before the first navigation there is nothing to leave: its guards see for themselves.
      const begun = router.navigated || router.currentNavigation() !== null;
      if (path === undefined || !begun || isLogin(here())) return;
      // After a sign-out on purpose the next person may be another: their way does not begin on this one's page.
      const onPurpose = reason === 'user' || reason === 'elsewhere';
      void router.navigateByUrl(address(onPurpose ? '/' : here()));
    },
    leave() {
      if (!isLogin(here())) return;
      left = returnTo();
      const toStart = (): void => {
        if (left !== '/' && isLogin(here())) void goTo('/');
      };
      goTo(left).then((went) => went || toStart(), toStart);
    },
    start() {
      left = '/';
      void goTo('/');
    },
  };
}

/** A path is as safe on one origin as on another; a server that renders has none. */
const anyOrigin = 'https://latchkey.invalid';

const noPage = "A guard must lead somewhere: add withLoginPage('/login') to provideLatchkey(…).";
