/**
 * The names that the bank takes from `@latchkey/angular`, over a token in `localStorage` and with none of the guarantees:
 * the least that an app without Latchkey would have. What `npm run bench` compares the bank's load with.
 */
import { HttpContextToken } from '@angular/common/http';
import { Pipe, type PipeTransform, makeEnvironmentProviders, signal } from '@angular/core';
import type * as real from '../../packages/angular/dist/index.js';

export type { AngularSession } from '../../packages/angular/dist/index.js';

type Real = typeof real;

export const SKIP_AUTH = new HttpContextToken<boolean>(() => false);

interface Stored {
  readonly accessToken: string;
  readonly accessExpiresAt: number;
  readonly user: unknown;
}

/** What Latchkey left there; an app without it would have written the same. */
const stored = (): Stored =>
  (JSON.parse(localStorage.getItem('latchkey.default') ?? '{"session":{}}') as { session: Stored }).session;

export const latchkeyInterceptor: Real['latchkeyInterceptor'] = (request, next) =>
  next(
    request.context.get(SKIP_AUTH)
      ? request
      : request.clone({ setHeaders: { Authorization: `Bearer ${stored().accessToken}` } }),
  );

export const injectSession = <Profile>(): real.AngularSession<Profile> => {
  const { user, accessExpiresAt } = stored();
  return {
    user: signal(user),
    status: signal(user ? 'signed-in' : 'signed-out'),
    claims: signal(undefined),
    expiresAt: signal(accessExpiresAt),
    online: signal(true),
    inactivity: signal(undefined),
    returnTo: () => '/',
    explain: () => [],
  } as unknown as real.AngularSession<Profile>;
};

export const signedInGuard: Real['signedInGuard'] = () => true;

export const claimGuard: Real['claimGuard'] = () => signedInGuard;

export const withLoginPage: Real['withLoginPage'] = () => ({});

export const withInactivity: Real['withInactivity'] = () => ({});

export const provideLatchkey: Real['provideLatchkey'] = () => makeEnvironmentProviders([]);

/** Shows what anybody may see: the demo's person has no picture. */
@Pipe({ name: 'authorizedSrc' })
export class AuthorizedSrcPipe implements PipeTransform {
  transform(url: string | null | undefined): string | null {
    return url ?? null;
  }
}
