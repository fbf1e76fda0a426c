// @vitest-environment jsdom
import '@angular/compiler';
import { HttpClient, provideHttpClient, withInterceptors } from '@angular/common/http';
import { HttpTestingController, provideHttpClientTesting } from '@angular/common/http/testing';
import { Component, inject } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { Router, provideRouter } from '@angular/router';
import { describe, expect, it } from 'vitest';
import { EmptyPage, settled, startApp } from '../angular-app.fixture.js';
import { injectSession, latchkeyInterceptor, signedInGuard, withLoginPage } from '../index.js';
import { type FakeSession, type FakeSessionOptions } from '@latchkey/client/testing';
import { injectFakeSession, provideLatchkeyTesting } from './index.js';

interface Profile {
  readonly name: string;
}

const ada = { id: '1', username: 'ada', profile: { name: 'Ada' } };

/** A component of an app, which knows nothing of tests. */
const Greeting = Component({ template: `Hello, {{ session.user()?.profile?.name ?? 'stranger' }}` })(
  class {
    session = injectSession<Profile>();
    http = inject(HttpClient);
  },
);

async function start(options: FakeSessionOptions<Profile> = {}): Promise<FakeSession<Profile>> {
  await startApp([
    provideRouter([
      { path: 'login', component: EmptyPage },
      { path: 'account', component: EmptyPage, canActivate: [signedInGuard] },
    ]),
    provideHttpClient(withInterceptors([latchkeyInterceptor])),
    provideHttpClientTesting(),
    provideLatchkeyTesting(options, withLoginPage('/login')),
  ]);
  return TestBed.runInInjectionContext(() => injectFakeSession<Profile>());
}

async function greeting(): Promise<string> {
  const fixture = TestBed.createComponent(Greeting);
  await fixture.whenStable();
  return (fixture.nativeElement as Element).textContent;
}

describe('M14: provideLatchkeyTesting', () => {
  it('is signed in as the user that the test names, or as nobody', async () => {
    await start({ user: ada });
    expect(await greeting()).toBe('Hello, Ada');
    TestBed.resetTestingModule();
    await start();
    expect(await greeting()).toBe('Hello, stranger');
  });

  it('shows requests to HttpTestingController as the app made them, at once and without a token', async () => {
    await start({ user: ada });
    const seen: unknown[] = [];
    TestBed.inject(HttpClient)
      .get('https://api.test/x', { headers: { 'X-Own': '1' } })
      .subscribe((body) => seen.push(body));
    const sent = TestBed.inject(HttpTestingController).expectOne('https://api.test/x');
    expect(sent.request.headers.keys()).toEqual(['X-Own']);
    sent.flush({ mine: true });
    expect(seen).toEqual([{ mine: true }]);
  });

  it('lets the test move the session: who is signed in, what the token says, offline', async () => {
    const fake = await start({ user: ada });
    const fixture = TestBed.createComponent(Greeting);
    await fixture.whenStable();
    fake.show({ user: { ...ada, profile: { name: 'Countess' } }, online: false });
    await fixture.whenStable();
    expect((fixture.nativeElement as Element).textContent).toBe('Hello, Countess');
    expect(fixture.componentInstance.session.online()).toBe(false);
  });

  it('takes guards and the login page along: signed out, the app is led there', async () => {
    await start({ user: ada });
    const router = TestBed.inject(Router);
    await router.navigateByUrl('/account');
    expect(router.url).toBe('/account');
    await TestBed.runInInjectionContext(() => injectSession()).signOut();
    await settled();
    expect(router.url).toBe('/login');
    await router.navigateByUrl('/account');
    expect(router.url).toBe('/login?returnTo=%2Faccount');
  });

  it('keeps nothing from one test to the next', async () => {
    await start({ user: ada });
    TestBed.resetTestingModule();
    await start();
    expect(localStorage).toHaveLength(0);
    expect(await greeting()).toBe('Hello, stranger');
  });
});
