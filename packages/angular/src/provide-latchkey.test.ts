// @vitest-environment jsdom
import '@angular/compiler';
import {
  Component,
  ErrorHandler,
  InjectionToken,
  PLATFORM_ID,
  TransferState,
  inject,
  makeStateKey,
} from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { Router, provideRouter } from '@angular/router';
import { type SignedOutReason, createSession } from '@latchkey/client';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import {
  EmptyPage,
  TokenServer,
  api,
  inAnotherTab,
  quiet,
  settled,
  signedInBefore,
  startApp,
} from './angular-app.fixture.js';
import { injectSession, provideLatchkey, signedInGuard, withInactivity, withLoginPage } from './index.js';

const routes = [{ path: '**', component: EmptyPage }];

let server: TokenServer;
const inContext = <T>(what: () => T): T => TestBed.runInInjectionContext(what);

beforeEach(() => {
  server = new TokenServer();
});

describe('M14: provideLatchkey', () => {
  it('M1: refreshes on start and holds nothing up meanwhile', async () => {
    await signedInBefore();
    server.refresh = () => new Promise<Response>(() => undefined);
    await startApp([provideLatchkey({ api })]);
    await vi.waitFor(() => expect(server.count('/auth/refresh')).toBe(1));
    expect(inContext(injectSession).status()).toBe('signed-in');
  });

  it('takes the options as a function, which may inject', async () => {
    const config = new InjectionToken<string>('');
    await startApp([
      { provide: config, useValue: 'https://other.test' },
      provideLatchkey(() => ({ api: inject(config) })),
    ]);
    const urls: unknown[] = [];
    vi.stubGlobal('fetch', (url: unknown) => (urls.push(url), Promise.resolve(Response.json({}))));
    await inContext(injectSession)
      .signIn({ username: 'ada' })
      .catch(() => undefined);
    expect(urls).toEqual(['https://other.test/auth/sign-in']);
  });

  it('says what is wrong with an option when the app starts', async () => {
    await expect(startApp([provideLatchkey({ api: 'http://api.test' })])).rejects.toThrow('https:');
    TestBed.resetTestingModule();
    const never = withInactivity({ warnAfter: 900, signOutAfter: 60 });
    await expect(startApp([provideLatchkey(quiet, never)])).rejects.toThrow('0 < warnAfter < signOutAfter');
  });

  it('E49: shows the app, with nobody signed in, to whoever has another app’s session, and says so', async () => {
    await signedInBefore();
    const stored = JSON.stringify(localStorage);
    const handleError = vi.fn();
    await startApp([
      provideRouter([
        { path: 'login', component: EmptyPage },
        { path: '**', component: EmptyPage, canActivate: [signedInGuard] },
      ]),
      provideLatchkey({ api: 'https://other.test' }, withLoginPage('/login')),
      { provide: ErrorHandler, useValue: { handleError } },
    ]);
    expect(handleError).toHaveBeenCalledOnce();
    expect(handleError.mock.lastCall?.[0]).toMatchObject({ code: 'ERR_OTHER_ENDPOINT' });
    expect(String(handleError.mock.lastCall?.[0])).toMatch(/https:\/\/other\.test\/auth.*`name`/);
    await TestBed.inject(Router).navigateByUrl('/account');
    expect([inContext(injectSession).status(), TestBed.inject(Router).url]).toEqual([
      'signed-out',
      '/login?returnTo=%2Faccount',
    ]);
    expect(JSON.stringify(localStorage)).toBe(stored);
  });

  it('M2: tells the app why the session ended after the way to the login page has begun, so that its own wins', async () => {
    await signedInBefore();
    const told: SignedOutReason[] = [];
    const onSignedOut = (reason: SignedOutReason): void => {
      told.push(reason);
      void router.navigateByUrl('/goodbye');
    };
    await startApp([provideRouter(routes), provideLatchkey({ ...quiet, onSignedOut }, withLoginPage('/login'))]);
    const router = TestBed.inject(Router);
    await router.navigateByUrl('/account');
    await inContext(injectSession).signOut();
    await settled();
    expect([told, router.url]).toEqual([['user'], '/goodbye']);
  });

  it.each([[[]], [[provideLatchkey(quiet)]]])(
    'says that it belongs to the app where a route provides it',
    async (app) => {
      const route = { path: 'area', component: EmptyPage, canActivate: [signedInGuard] };
      const providers = [provideLatchkey({ ...quiet, name: 'area' }, withLoginPage('/login'))];
      await startApp([provideRouter([{ path: '', providers, children: [route] }]), ...app]);
      await expect(TestBed.inject(Router).navigateByUrl('/area')).rejects.toMatchObject({
        code: 'ERR_CONFIG',
        message: expect.stringContaining('a route'),
      });
    },
  );

  it('given twice, as in a test of a whole app, still tells everything once', async () => {
    await startApp([provideLatchkey(quiet), provideLatchkey(quiet)]);
    const seen: string[] = [];
    inContext(injectSession).session$.subscribe(({ status }) => seen.push(status));
    await inContext(injectSession).signIn({ username: 'ada' });
    expect(seen).toEqual(['signed-out', 'signed-in']);
  });

  it('ends everything with the app', async () => {
    await signedInBefore();
    const told: string[] = [];
    const onSignedOut = (reason: SignedOutReason): void => void told.push(reason);
    await startApp([provideLatchkey({ ...quiet, onSignedOut }, withInactivity({ warnAfter: 1, signOutAfter: 2 }))]);
    const session = inContext(injectSession);
    TestBed.resetTestingModule();
    await inAnotherTab((other) => other.signOut());
    window.dispatchEvent(new Event('pageshow'));
    await settled();
    expect([session.status(), told]).toEqual(['signed-in', []]);
  });

  it('has nothing left to say when what was being read arrives after the app is gone', async () => {
    await signedInBefore();
    const told: string[] = [];
    const onSignedOut = (reason: SignedOutReason): void => void told.push(reason);
    await startApp([provideLatchkey({ ...quiet, onSignedOut })]);
    const going = inContext(injectSession).signOut();
    TestBed.resetTestingModule();
    await going;
    await settled();
    expect(told).toEqual([]);
  });
});

describe('M14: on a server that renders', () => {
  const onServer = { provide: PLATFORM_ID, useValue: 'server' };
  const key = makeStateKey<boolean>('latchkey');

  it('E34: nothing is read, nobody is known, and the browser is told', async () => {
    await signedInBefore();
    const sent = server.sent.length;
    await startApp([provideLatchkey({ api }), onServer]);
    expect(inContext(injectSession).status()).toBe('restoring');
    expect([server.sent.length, TestBed.inject(TransferState).get(key, false)]).toEqual([sent, true]);
  });

  it('the browser takes over what was rendered as it stands, and shows what it knows with the first rendering', async () => {
    await signedInBefore();
    const seen: string[] = [];
    const Status = Component({ template: '{{ session.status() }}' })(
      class {
        session = injectSession();
        look = this.session.session$.subscribe(({ status }) => seen.push(status));
      },
    );
    TestBed.configureTestingModule({ providers: [provideLatchkey(quiet)] });
    TestBed.inject(TransferState);
    TestBed.resetTestingModule();
    const state = new TransferState();
    state.set(key, true);
    TestBed.configureTestingModule({
      providers: [{ provide: TransferState, useValue: state }, provideLatchkey(quiet)],
    });
    const fixture = TestBed.createComponent(Status);
    expect(fixture.componentInstance.session.status()).toBe('restoring');
    await fixture.whenStable();
    expect(seen).toEqual(['restoring', 'signed-in']);
    expect((fixture.nativeElement as Element).textContent).toBe('signed-in');
  });
});

describe('M14: withInactivity', () => {
  it('E50: warns in a signal, counts down, and signs out to the login page with the way back', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date', 'performance'] });
    await createSession(quiet).signIn({ username: 'ada' });
    const times = withInactivity({ warnAfter: 60, signOutAfter: 62 });
    TestBed.configureTestingModule({
      providers: [provideRouter(routes), provideLatchkey(quiet, withLoginPage('/login'), times)],
    });
    await TestBed.inject(Router).navigateByUrl('/account');
    const session = inContext(injectSession);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(session.inactivity()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(1000);
    expect(session.inactivity()?.secondsLeft).toBe(2);
    window.dispatchEvent(new Event('keydown'));
    expect(session.inactivity()).toBeUndefined();
    await vi.advanceTimersByTimeAsync(61_000);
    expect(session.inactivity()?.secondsLeft).toBe(1);
    await vi.advanceTimersByTimeAsync(1000);
    await vi.advanceTimersByTimeAsync(100);
    expect([session.status(), session.inactivity()]).toEqual(['signed-out', undefined]);
    expect(TestBed.inject(Router).url).toBe('/login?returnTo=%2Faccount');
  });
});
