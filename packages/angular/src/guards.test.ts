// @vitest-environment jsdom
import '@angular/compiler';
import { PLATFORM_ID, type Provider } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { NavigationStart, type Routes, Router, provideRouter } from '@angular/router';
import { RouterTestingHarness } from '@angular/router/testing';
import { beforeEach, describe, expect, it } from 'vitest';
import { EmptyPage, TokenServer, ada, quiet, settled, signedInBefore, startApp } from './angular-app.fixture.js';
import { type ClaimPredicate, claimGuard, provideLatchkey, signedInGuard, withLoginPage } from './index.js';
import { provideLatchkeyTesting, injectFakeSession } from './testing/index.js';

const isAdmin: ClaimPredicate = (claims) => claims?.['role'] === 'admin';
const login = { path: 'login', component: EmptyPage };
const routes: Routes = [
  login,
  { path: 'forbidden', component: EmptyPage },
  { path: 'account', component: EmptyPage, canActivate: [signedInGuard] },
  { path: 'admin', component: EmptyPage, canActivate: [claimGuard(isAdmin, '/forbidden')] },
  { path: 'staff', component: EmptyPage, canActivate: [claimGuard(isAdmin)] },
  { path: 'mine', component: EmptyPage, canActivate: [claimGuard((_, user) => user?.username === 'ada')] },
  { path: 'lazy', canMatch: [signedInGuard], loadComponent: () => Promise.resolve(EmptyPage) },
  { path: 'group', canActivateChild: [signedInGuard], children: [{ path: 'a', component: EmptyPage }] },
  { path: '**', component: EmptyPage },
];

async function open(user: typeof ada | undefined, given = routes, more: Provider[] = []): Promise<void> {
  const claims = { role: 'clerk' } as never;
  const session = provideLatchkeyTesting({ ...(user && { user }), claims }, withLoginPage('/login'));
  await startApp([provideRouter(given), session, ...more]);
}

/** Where a navigation ends. */
async function goTo(url: string): Promise<string> {
  await TestBed.inject(Router).navigateByUrl(url);
  return TestBed.inject(Router).url;
}

const asked = (url: string): string => `/login?returnTo=${encodeURIComponent(url)}`;

describe('M14: signedInGuard', () => {
  it.each([
    ['canActivate', '/account'],
    ['canMatch', '/lazy'],
    ['canActivateChild', '/group/a'],
    ['canActivate, with everything that an address has', '/account;view=all?page=2&q=%C3%A9#end'],
  ])('%s lets in who is signed in, and leads the others to the login page with their way back', async (_, url) => {
    await open(ada);
    expect(await goTo(url)).toBe(url);
    TestBed.resetTestingModule();
    await open(undefined);
    await goTo(url);
    const { root, queryParams } = TestBed.inject(Router).parseUrl(TestBed.inject(Router).url);
    expect([root.children['primary']?.toString(), queryParams]).toEqual(['login', { returnTo: url }]);
  });

  it('leads to the page that was asked for last', async () => {
    await open(undefined);
    const slow = goTo('/account');
    expect(await goTo('/lazy')).toBe(asked('/lazy'));
    await slow;
    expect(TestBed.inject(Router).url).toBe(asked('/lazy'));
  });

  it('waits while the session is restored, and no longer', async () => {
    const server = new TokenServer();
    await signedInBefore();
    TestBed.configureTestingModule({
      providers: [provideRouter(routes), provideLatchkey(quiet, withLoginPage('/login'))],
    });
    // Before anything of the storage that decides has been read.
    expect(await goTo('/account')).toBe('/account');
    TestBed.resetTestingModule();
    localStorage.clear();
    TestBed.configureTestingModule({
      providers: [provideRouter(routes), provideLatchkey(quiet, withLoginPage('/login'))],
    });
    expect(await goTo('/account')).toBe(asked('/account'));
    expect(server.count('/auth/refresh')).toBe(0);
  });

  it('leads nowhere while it is not known, and takes no way round by the login page', async () => {
    await open(undefined);
    const fake = TestBed.runInInjectionContext(() => injectFakeSession());
    fake.show({ status: 'restoring' });
    const begun: string[] = [];
    TestBed.inject(Router).events.subscribe((event) => {
      if (event instanceof NavigationStart) begun.push(event.url);
    });
    const going = goTo('/account');
    await settled();
    fake.show({ status: 'restoring', online: false });
    await settled();
    expect(TestBed.inject(Router).url).toBe('/');
    fake.show({ status: 'signed-in', user: ada });
    expect(await going).toBe('/account');
    expect(begun).toEqual(['/account']);
  });

  it('on a server lets everybody through, for it knows nobody: the browser asks again', async () => {
    await open(undefined, routes, [{ provide: PLATFORM_ID, useValue: 'server' }]);
    expect(await goTo('/account')).toBe('/account');
    expect(await goTo('/admin')).toBe('/admin');
  });

  it('says kindly that there is no login page', async () => {
    await startApp([provideRouter(routes), provideLatchkeyTesting()]);
    await expect(goTo('/account')).rejects.toThrow("add withLoginPage('/login')");
  });

  it.each([
    ['canActivateChild of everything', [{ path: '', canActivateChild: [signedInGuard], children: routes }]],
    ['canMatch of a shell', [{ path: '', canMatch: [signedInGuard], children: routes }, login]],
    ['canActivate of the page itself', [{ ...login, canActivate: [signedInGuard] }, ...routes]],
  ] as [string, Routes][])('never leads from the login page to the login page: %s', async (_, guarded) => {
    await open(undefined, guarded);
    expect(await goTo('/account')).toBe(asked('/account'));
    expect(await goTo('/login')).toBe('/login');
    expect(await goTo('/login;lang=de?x=1')).toBe('/login;lang=de?x=1');
  });
});

describe('M14: claimGuard', () => {
  beforeEach(() => open(ada));

  it('lets in whom it accepts, by the token’s claims or by the user', async () => {
    expect(await goTo('/mine')).toBe('/mine');
    TestBed.runInInjectionContext(injectFakeSession).show({ claims: { role: 'admin' } });
    expect(await goTo('/admin')).toBe('/admin');
    expect(await goTo('/staff')).toBe('/staff');
  });

  it('leads the others elsewhere, or leaves them where they are', async () => {
    expect(await goTo('/admin')).toBe('/forbidden');
    expect(await goTo('/staff')).toBe('/forbidden');
  });

  it('leads to the login page who is not signed in', async () => {
    TestBed.resetTestingModule();
    await open(undefined);
    expect(await goTo('/admin')).toBe(asked('/admin'));
  });

  it('never leads from its other page to its other page', async () => {
    const guard = claimGuard(isAdmin, '/forbidden');
    TestBed.resetTestingModule();
    await open(ada, [{ path: '', canActivateChild: [guard], children: routes }]);
    expect(await goTo('/account')).toBe('/forbidden');
    TestBed.resetTestingModule();
    await open(ada, [{ path: '', canMatch: [guard], children: routes }, ...routes]);
    expect(await goTo('/account')).toBe('/forbidden');
  });
});

it('M14: a guard’s page shows after sign-in and the login page instead before', async () => {
  await open(undefined);
  const harness = await RouterTestingHarness.create('/account');
  expect(TestBed.inject(Router).url).toBe(asked('/account'));
  await TestBed.runInInjectionContext(injectFakeSession).signIn({ username: 'ada' });
  await harness.fixture.whenStable();
  expect(TestBed.inject(Router).url).toBe('/account');
});
