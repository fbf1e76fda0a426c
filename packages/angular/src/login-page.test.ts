// @vitest-environment jsdom
import '@angular/compiler';
import { Injector, PLATFORM_ID, effect } from '@angular/core';
import { Location } from '@angular/common';
import { TestBed } from '@angular/core/testing';
import { Router, type RouterFeatures, type Routes, provideRouter, withHashLocation } from '@angular/router';
import { type AngularSession, injectSession, provideLatchkey, signedInGuard, withLoginPage } from './index.js';
import { injectFakeSession, provideLatchkeyTesting } from './testing/index.js';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  EmptyPage,
  TokenServer,
  inAnotherTab,
  quiet,
  settled,
  signedInBefore,
  startApp,
} from './angular-app.fixture.js';

const routes: Routes = [
  { path: 'login', component: EmptyPage },
  { path: 'help', component: EmptyPage, outlet: 'side' },
  { path: 'account', component: EmptyPage, canActivate: [signedInGuard] },
  { path: '**', component: EmptyPage },
];

let server: TokenServer;
let router: Router;
let session: AngularSession;

beforeEach(() => {
  server = new TokenServer();
});

async function open(url?: string, features: RouterFeatures[] = []): Promise<void> {
  await startApp([provideRouter(routes, ...features), provideLatchkey(quiet, withLoginPage('/login'))]);
  router = TestBed.inject(Router);
  session = TestBed.runInInjectionContext(injectSession);
  if (url !== undefined) await router.navigateByUrl(url);
  await settled();
}

const asked = (url: string): string => `/login?returnTo=${encodeURIComponent(url)}`;
const signIn = (username = 'ada') => session.signIn({ username });
/** Ends the session as the server does. */
async function refused(): Promise<void> {
  server.refresh = () => Response.json({ error: 'invalid_grant', error_description: 'No.' }, { status: 401 });
  await session.refresh().catch(() => undefined);
  await settled();
}

describe('M2: a sign-out leads to the login page', () => {
  beforeEach(() => signedInBefore());

  it('without a way back after one on purpose: the next person may be another', async () => {
    await open('/account');
    await session.signOut();
    await settled();
    expect(router.url).toBe('/login');
  });

  it('from another tab, too', async () => {
    await open('/account');
    await inAnotherTab((other) => other.signOut());
    expect(router.url).toBe('/login');
  });

  it('with the way back after a refusal, also from where the person is just going', async () => {
    await open('/orders');
    const going = router.navigateByUrl('/orders;open=1?page=2#last');
    await refused();
    await going;
    expect(router.url.startsWith('/login?')).toBe(true);
    expect(session.returnTo()).toBe('/orders;open=1?page=2#last');
  });

  it.each(['/login', '/login;lang=de', '/login?lang=de', '/login(side:help)', '/login#top'])(
    'and changes nothing for who is there: %s',
    async (url) => {
      await open('/account');
      await router.navigateByUrl(url);
      await session.signOut();
      await settled();
      expect(router.url).toBe(url);
    },
  );

  it('not before the first navigation, whose guards see for themselves', async () => {
    await open();
    await session.signOut();
    await settled();
    expect(router.url).toBe('/');
    await router.navigateByUrl('/account');
    expect(router.url).toBe(asked('/account'));
  });

  it('of a hash location just so', async () => {
    await open('/orders', [withHashLocation()]);
    await refused();
    expect(TestBed.inject(Location).path()).toBe(asked('/orders'));
  });
});

describe('M14: the login page is left', () => {
  it('for where the person was going, on sign-in, and the way back does not lead to it', async () => {
    await open('/account');
    expect(router.url).toBe(asked('/account'));
    await signIn();
    await settled();
    expect(router.url).toBe('/account');
    TestBed.inject(Location).back();
    await settled();
    expect(router.url).not.toContain('/login');
  });

  it('on a sign-in in another tab', async () => {
    await open('/account');
    await inAnotherTab((other) => other.signIn({ username: 'ada' }));
    expect(router.url).toBe('/account');
  });

  it('when somebody who is signed in opens it', async () => {
    await signedInBefore();
    await open(asked('/orders?page=2'));
    expect(router.url).toBe('/orders?page=2');
  });

  it('but not when a signed-in person goes there: to confirm who they are, perhaps', async () => {
    await signedInBefore();
    await open('/account');
    await router.navigateByUrl('/login');
    await settled();
    expect(router.url).toBe('/login');
  });

  it('not another page', async () => {
    await open('/orders');
    await signIn();
    await settled();
    expect(router.url).toBe('/orders');
  });

  it.each([
    ['a guard of the app’s own does not let in', '/closed'],
    ['is no longer there', '/gone/for/good'],
  ])('for the start when the page that was asked for %s', async (_, target) => {
    await startApp([
      provideRouter([
        { path: 'login', component: EmptyPage },
        { path: 'closed', component: EmptyPage, canActivate: [() => false] },
        { path: '', pathMatch: 'full', component: EmptyPage },
      ]),
      provideLatchkey(quiet, withLoginPage('/login')),
    ]);
    router = TestBed.inject(Router);
    session = TestBed.runInInjectionContext(injectSession);
    await router.navigateByUrl(asked(target));
    await signIn();
    await settled();
    expect(router.url).toBe('/');
  });

  it('never for itself', async () => {
    for (const target of ['/login', '/login?returnTo=/login', '/login;x=1', '/%6cogin']) {
      TestBed.resetTestingModule();
      localStorage.clear();
      await open(asked(target));
      await signIn();
      await settled();
      expect(router.url).toBe('/');
    }
  });
});

describe('E15: another person, whose sign-in is the first that this tab hears', () => {
  const bobComes = () => inAnotherTab((other) => other.signIn({ username: 'bob' }));

  it('does not stay on the page of the one before', async () => {
    await open('/account');
    await signIn();
    await settled();
    await router.navigateByUrl('/orders/ada?page=2');
    await bobComes();
    expect([session.user()?.username, router.url]).toEqual(['bob', '/']);
    expect(session.returnTo()).toBe('/');
  });

  it('is told apart when the name comes later', async () => {
    const ada = { id: '1', username: 'ada', profile: {} };
    await startApp([provideRouter(routes), provideLatchkeyTesting({ user: ada }, withLoginPage('/login'))]);
    router = TestBed.inject(Router);
    await router.navigateByUrl('/orders/ada');
    const fake = TestBed.runInInjectionContext(() => injectFakeSession());
    fake.show({ user: undefined });
    fake.show({ user: ada });
    await settled();
    expect(router.url).toBe('/orders/ada');
    fake.show({ user: undefined });
    fake.show({ user: { ...ada, id: '2' } });
    await settled();
    expect(router.url).toBe('/');
  });

  it('is not who signs in again: the page stays', async () => {
    await signedInBefore();
    await open('/orders/ada?page=2');
    await inAnotherTab((other) => other.signIn({ username: 'ada' }));
    expect(router.url).toBe('/orders/ada?page=2');
  });
});

describe('M14: returnTo()', () => {
  it.each([
    ['/orders?page=2#last', '/orders?page=2#last'],
    ['//evil.test', '/'],
    ['/\\evil.test', '/'],
    ['/%2f%2fevil.test', '/'],
    ['/.//evil.test', '/'],
    ['https://evil.test/', '/'],
    ['https:evil.test', '/'],
    ['javascript:alert(1)', '/'],
    ['\t//evil.test', '/'],
    ['', '/'],
  ])('U13: asked to return to %s gives %s, and sign-in leads there', async (target, expected) => {
    await open(asked(target));
    expect(session.returnTo()).toBe(expected);
    await signIn();
    await settled();
    expect(router.url).toBe(expected);
    expect(location.origin).toBe('http://localhost:3000');
  });

  it('U13: goes no further astray for an address that the router cannot read', async () => {
    const warned = vi.spyOn(console, 'warn').mockReturnValue();
    await open(asked('/%ff'));
    await signIn();
    await settled();
    expect(router.url).toBe('/');
    warned.mockRestore();
  });

  it('still tells the way back to an app that navigates by itself after sign-in', async () => {
    await open('/account');
    await signIn();
    await router.navigateByUrl(session.returnTo());
    expect(router.url).toBe('/account');
  });

  it('is known on the way round by another page, such as the one to sign up', async () => {
    await open('/sign-up?returnTo=%2Faccount');
    expect(session.returnTo()).toBe('/account');
    await router.navigateByUrl('/sign-up?returnTo=%2F%2Fevil.test');
    expect(session.returnTo()).toBe('/');
  });

  it('may be asked in an effect that navigates, without following every navigation', async () => {
    await open('/sign-up');
    let runs = 0;
    const leave = effect(
      () => {
        runs += 1;
        if (session.status() === 'signed-in' && runs < 5) void router.navigateByUrl(session.returnTo());
      },
      { injector: TestBed.inject(Injector) },
    );
    TestBed.tick();
    await signIn();
    TestBed.tick();
    await settled();
    TestBed.tick();
    leave.destroy();
    expect([runs, router.url]).toEqual([2, '/']);
  });

  it('tells the next person nothing of the way of the one before, on a page to sign up either', async () => {
    await open('/account');
    await signIn();
    await settled();
    expect(router.url).toBe('/account');
    await session.signOut();
    await settled();
    await router.navigateByUrl('/sign-up');
    expect(session.returnTo()).toBe('/');
  });

  it('tells the next person nothing of the way of the one before', async () => {
    await open('/account');
    await signIn();
    await session.signOut();
    await settled();
    expect([router.url, session.returnTo()]).toEqual(['/login', '/']);
  });

  it('works where a server renders, which has no address of its own', async () => {
    await startApp([
      provideRouter(routes),
      provideLatchkey(quiet, withLoginPage('/login')),
      { provide: PLATFORM_ID, useValue: 'server' },
    ]);
    vi.stubGlobal('location', undefined);
    await TestBed.inject(Router).navigateByUrl(asked('/orders'));
    expect(TestBed.runInInjectionContext(injectSession).returnTo()).toBe('/orders');
  });

  it('without a login page reads the address of the page', async () => {
    await startApp([provideRouter(routes), provideLatchkey(quiet)]);
    await TestBed.inject(Router).navigateByUrl('/anywhere?returnTo=/orders');
    expect(TestBed.runInInjectionContext(injectSession).returnTo()).toBe('/orders');
  });
});
