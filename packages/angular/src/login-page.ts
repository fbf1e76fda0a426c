import { InjectionToken, inject } from '@angular/core';
import { Router, type UrlTree } from '@angular/router';
import { ConfigError, type SignedOutReason } from '@latchkey/client';
import { safeReturnTo } from '@latchkey/client/adapter';
import { PROVIDED } from './provided.js';

/** The way to the login page and back. */
export interface LoginPage {
  /** The address that a guard leads to instead of the page that was asked for. @throws ConfigError without a page */
  instead(): UrlTree;
  /** Goes there because the session is over. */
  show(reason: SignedOutReason): void;
  /** Goes back, if this is the login page. */
  leave(): void;
  /** Where back is: a path of this origin. */
  returnTo(): string;
}

/** The query parameter in which the login page gets its return address. */
const parameter = 'returnTo';

/** The login page of the app. */
export const LOGIN_PAGE = new InjectionToken<LoginPage>('Latchkey login page', {
  factory: () => createLoginPage(inject(PROVIDED).loginPage, inject(Router)),
});

function createLoginPage(path: string | undefined, router: Router): LoginPage {
  /** Where the person is, or is going. */
  const here = (): string => router.currentNavigation()?.extractedUrl.toString() ?? router.url;
  const isHere = (): boolean => path === here().replace(/[?#].*/, '');
  const address = (target: string): UrlTree => {
    if (path === undefined) throw new ConfigError(noPage);
    const tree = router.parseUrl(path);
    if (target !== '/') tree.queryParams = { [parameter]: target };
    return tree;
  };
  const returnTo = (): string => safeReturnTo(router.parseUrl(here()).queryParamMap.get(parameter));
  return {
    returnTo,
    instead: () => address(here()),
    show(reason) {
      // Before the first navigation there is nothing to leave: its guards see for themselves.
      const begun = router.navigated || router.currentNavigation() !== null;
      if (path === undefined || !begun || isHere()) return;
      // After a sign-out on purpose the next person may be another: their way does not begin on this one's page.
      const onPurpose = reason === 'user' || reason === 'elsewhere';
      void router.navigateByUrl(address(onPurpose ? '/' : here()));
    },
    leave() {
      if (isHere()) void router.navigateByUrl(returnTo());
    },
  };
}

const noPage = "A guard must lead somewhere: add withLoginPage('/login') to provideLatchkey(…).";
