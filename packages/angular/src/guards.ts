import { inject } from '@angular/core';
import { type CanActivateFn, type CanMatchFn, type GuardResult, Router } from '@angular/router';
import type { AccessTokenClaims, Session, Snapshot, User } from '@latchkey/client';
import { LOGIN_PAGE } from './login-page.js';
import { PROVIDED, onServer } from './provided.js';

/** Decides who may see a page: by what the access token says (unverified), or by the user. */
export type ClaimPredicate = (claims: AccessTokenClaims | undefined, user: User | undefined) => boolean;

/** A guard for `canActivate`, `canActivateChild` and `canMatch`. */
export type SessionGuard = CanActivateFn & CanMatchFn;

/**
 * Lets signed-in people through and leads the others to the page of `withLoginPage`, which leads them back afterwards.
 * Waits only until the stored session has been read. It keeps nobody from data: that is the API's part. A server that
 * renders lets everybody through, and shows the page as it is without a user: better give it `RenderMode.Client`.
 */
export const signedInGuard: SessionGuard = (_, at: unknown) => guard(at, () => true);

/**
 * Lets through whom `allowed` accepts. The others who are signed in go to `otherwise`, a path of the router's; without
 * one they stay where they are. Who is not signed in is led to the login page.
 * @example
 * { path: 'admin', canActivate: [claimGuard((claims) => claims?.['role'] === 'admin', '/forbidden')], … }
 */
export const claimGuard =
  (allowed: ClaimPredicate, otherwise?: `/${string}`): SessionGuard =>
  (_, at: unknown) => {
    const [router, loginPage] = [inject(Router), inject(LOGIN_PAGE)];
    return guard(at, ({ claims, user }) => {
      if (allowed(claims, user)) return true;
      if (!otherwise) return false;
      return loginPage.isHere(otherwise) ? unguarded(at) : router.parseUrl(otherwise);
    });
  };

/** A guard of many pages may stand before the page that it leads to: lets through there, or leaves it to other routes. */
const unguarded = (at: unknown): boolean => !Array.isArray(at);

/** `at`: the segments that `canMatch` gets, or the state that the others get. */
function guard(at: unknown, signedIn: (snapshot: Snapshot) => GuardResult): GuardResult | Promise<GuardResult> {
  const [{ session }, loginPage] = [inject(PROVIDED), inject(LOGIN_PAGE)];
  // Nobody is known there, and a refusal would be answered with 404 to those who are signed in; the browser asks again.
  if (onServer()) return true;
  const decide = (): GuardResult => {
    const snapshot = session.snapshot();
    if (snapshot.status === 'signed-in') return signedIn(snapshot);
    return loginPage.isHere() ? unguarded(at) : loginPage.instead();
  };
  return session.snapshot().status === 'restoring' ? known(session).then(decide) : decide();
}

/** Resolves when it is known whether somebody is signed in. */
const known = (session: Session): Promise<void> =>
  new Promise((resolve) => {
    const stop = session.subscribe(({ status }) => {
      if (status === 'restoring') return;
      stop();
      resolve();
    });
  });
