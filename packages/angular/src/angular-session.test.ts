// @vitest-environment jsdom
import '@angular/compiler';
import { computed } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import type { Snapshot } from '@latchkey/client';
import { beforeEach, describe, expect, it } from 'vitest';
import { TokenServer, ada, inAnotherTab, quiet, settled, signedInBefore, startApp } from './angular-app.fixture.js';
import { type AngularSession, injectSession, provideLatchkey } from './index.js';

let server: TokenServer;
let session: AngularSession<{ name: string }>;

beforeEach(async () => {
  server = new TokenServer();
  server.claims = { role: 'clerk' };
  await signedInBefore();
  await startApp([provideLatchkey(quiet)]);
  session = TestBed.runInInjectionContext(() => injectSession<{ name: string }>());
});

describe('M14: injectSession', () => {
  it('gives one and the same session, its state as signals', () => {
    expect(TestBed.runInInjectionContext(injectSession)).toBe(session);
    expect(session.status()).toBe('signed-in');
    expect(session.user()).toEqual(ada);
    expect(session.claims()?.['role']).toBe('clerk');
    expect(session.expiresAt()).toBe(session.snapshot().expiresAt);
    expect(session.online()).toBe(true);
    expect(session.inactivity()).toBeUndefined();
  });

  it('M8: follows what happens here and in other tabs', async () => {
    await session.signOut();
    expect([session.status(), session.user(), session.claims()]).toEqual(['signed-out', undefined, undefined]);
    await inAnotherTab((other) => other.signIn({ username: 'bob' }));
    expect([session.status(), session.user()?.profile.name]).toEqual(['signed-in', 'Bob']);
    window.dispatchEvent(new Event('offline'));
    expect(session.online()).toBe(false);
  });

  it('user() is the same object as long as nothing of the user changed', async () => {
    const seen: unknown[] = [];
    const user = computed(() => seen.push(session.user()));
    user();
    const [before, expiry] = [session.user(), session.expiresAt()];
    await session.refresh();
    user();
    expect(session.expiresAt()).not.toBe(expiry);
    expect(session.user()).toBe(before);
    expect(seen).toHaveLength(1);
    server.people[0] = { ...ada, profile: { name: 'Countess' } };
    await session.signIn({ username: 'ada' });
    expect(session.user()?.profile.name).toBe('Countess');
  });

  it('session$ tells the snapshot now and at each transition, once, and goes on', async () => {
    const seen: Snapshot[] = [];
    let over = false;
    const subscription = session.session$.subscribe({
      next: (snapshot) => seen.push(snapshot),
      complete: () => (over = true),
    });
    await session.signOut();
    await session.signIn({ username: 'ada' });
    expect(seen.map(({ status }) => status)).toEqual(['signed-in', 'signed-out', 'signed-in']);
    subscription.unsubscribe();
    await session.signOut();
    expect([seen.length, over]).toEqual([3, false]);
  });

  it('M14: brings the methods of the session', async () => {
    expect(await session.accessToken()).toBe(server.token());
    const response = await session.fetch('https://api.test/file');
    expect(await response.text()).toBe('a picture');
    await session.refresh();
    expect(session.explain().map(({ type }) => type)).toContain('refreshed');
  });
});

it('is restoring until the storage has been read', async () => {
  TestBed.resetTestingModule();
  localStorage.clear();
  TestBed.configureTestingModule({ providers: [provideLatchkey(quiet)] });
  session = TestBed.runInInjectionContext(() => injectSession<{ name: string }>());
  expect(session.status()).toBe('restoring');
  await settled();
  expect(session.status()).toBe('signed-out');
});

it('says kindly what is missing where provideLatchkey is', () => {
  TestBed.resetTestingModule();
  TestBed.configureTestingModule({});
  expect(() => TestBed.runInInjectionContext(injectSession)).toThrow('add provideLatchkey({ api: … })');
});
