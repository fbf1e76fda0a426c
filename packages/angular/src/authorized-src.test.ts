// @vitest-environment jsdom
import '@angular/compiler';
import { Component, ErrorHandler, PLATFORM_ID, type Provider, signal } from '@angular/core';
import { type ComponentFixture, TestBed } from '@angular/core/testing';
import { simpleJwt } from '@latchkey/client/simple-jwt';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { TokenServer, api, inAnotherTab, quiet, settled, signedInBefore } from './angular-app.fixture.js';
import { AuthorizedSrcPipe, injectSession, provideLatchkey } from './index.js';

const Picture = Component({
  imports: [AuthorizedSrcPipe],
  template: `@if (url() | authorizedSrc; as src) {
      <img [src]="src" alt="" />
    } @else {
      <i>none</i>
    }`,
})(
  class {
    url = signal<string | null | undefined>(`${api}/a.png`);
  },
);

let server: TokenServer;
/** What `blob:` URLs there are, by their number. */
let living: Set<string>;

beforeEach(async () => {
  server = new TokenServer();
  living = new Set();
  let made = 0;
  vi.spyOn(URL, 'createObjectURL').mockImplementation(() => {
    const url = `blob:test/${(made += 1)}`;
    living.add(url);
    return url;
  });
  vi.spyOn(URL, 'revokeObjectURL').mockImplementation((url) => void living.delete(url));
  await signedInBefore();
});

async function show(more: Provider[] = [], options = quiet): Promise<ComponentFixture<InstanceType<typeof Picture>>> {
  TestBed.configureTestingModule({ providers: [provideLatchkey(options), ...more] });
  const fixture = TestBed.createComponent(Picture);
  await settled();
  await fixture.whenStable();
  return fixture;
}

/** What stands in the page: the picture's address, or nothing. */
async function shown(fixture: ComponentFixture<unknown>): Promise<string | null> {
  await settled();
  await fixture.whenStable();
  const host = fixture.nativeElement as Element;
  const src = host.querySelector('img')?.getAttribute('src') ?? null;
  expect(host.querySelector('i') === null).toBe(src !== null);
  return src;
}

describe('M9, M14: authorizedSrc', () => {
  it('loads the picture once, with the token, and shows it', async () => {
    const fixture = await show();
    expect(await shown(fixture)).toBe('blob:test/1');
    fixture.componentRef.changeDetectorRef.markForCheck();
    expect(await shown(fixture)).toBe('blob:test/1');
    expect(server.count('/a.png')).toBe(1);
  });

  it('shows another picture when another is wanted, lets go of the first, and nothing when none is', async () => {
    const fixture = await show();
    fixture.componentInstance.url.set(`${api}/b.png`);
    expect(await shown(fixture)).toBe('blob:test/2');
    expect([...living]).toEqual(['blob:test/2']);
    for (const none of [null, undefined, '']) {
      fixture.componentInstance.url.set(none);
      expect(await shown(fixture)).toBeNull();
      expect([...living]).toEqual([]);
    }
  });

  it('shows the last one wanted, whichever arrives first', async () => {
    let finish = (): void => undefined;
    server.file = (path) =>
      path === '/a.png' ? new Promise((resolve) => (finish = () => resolve(new Response('late')))) : new Response('b');
    const fixture = await show();
    fixture.componentInstance.url.set(`${api}/b.png`);
    expect(await shown(fixture)).toBe('blob:test/1');
    finish();
    expect(await shown(fixture)).toBe('blob:test/1');
    expect([...living]).toEqual(['blob:test/1']);
  });

  it('ends with the element', async () => {
    const fixture = await show();
    fixture.destroy();
    expect([...living]).toEqual([]);
  });

  it('E15: loads it anew for the next person, and shows nobody another’s', async () => {
    const fixture = await show();
    const session = TestBed.runInInjectionContext(() => injectSession());
    await session.signOut();
    expect(await shown(fixture)).toBeNull();
    expect([...living]).toEqual([]);
    await inAnotherTab((other) => other.signIn({ username: 'bob' }));
    expect(await shown(fixture)).toBe('blob:test/2');
    await session.signIn({ username: 'ada' });
    expect(await shown(fixture)).toBe('blob:test/3');
    expect(server.count('/a.png')).toBe(3);
  });

  it('keeps the picture, shown or on its way, for who signs in again', async () => {
    server.claims = { sub: '1' };
    const fixture = await show();
    const session = TestBed.runInInjectionContext(() => injectSession());
    await session.signIn({ username: 'ada' });
    expect(await shown(fixture)).toBe('blob:test/1');
    let finish = (): void => undefined;
    server.file = () => new Promise((resolve) => (finish = () => resolve(new Response('b'))));
    fixture.componentInstance.url.set(`${api}/b.png`);
    await fixture.whenStable();
    await session.signIn({ username: 'ada' });
    finish();
    expect([await shown(fixture), [...living]]).toEqual(['blob:test/2', ['blob:test/2']]);
  });

  it('comes when the network is back', async () => {
    server.file = () => Promise.reject(new TypeError('Failed to fetch'));
    const fixture = await show();
    expect(await shown(fixture)).toBeNull();
    window.dispatchEvent(new Event('offline'));
    expect(await shown(fixture)).toBeNull();
    server.file = () => new Response('a picture');
    window.dispatchEvent(new Event('online'));
    expect(await shown(fixture)).toBe('blob:test/1');
    expect(server.count('/a.png')).toBe(2);
  });

  it('is shown to somebody of whom only the token knows', async () => {
    const fixture = await show([], { ...quiet, name: 'other', backend: simpleJwt() });
    const session = TestBed.runInInjectionContext(() => injectSession());
    server.file = (path) =>
      path === '/api/token/' ? Response.json({ access: server.token(), refresh: 'r' }) : new Response('a picture');
    for (const person of [7, 8]) {
      server.claims = { user_id: person };
      await session.signIn({ username: 'somebody' });
      expect([session.status(), session.user()]).toEqual(['signed-in', undefined]);
      expect(await shown(fixture)).toBe(`blob:test/${person - 6}`);
    }
  });

  it('may have a request refused while a template is read, though the app notes that in a signal', async () => {
    const [events, thrown] = [signal(0), vi.fn()];
    const onEvent = (): void => events.update((count) => count + 1);
    const fixture = await show([{ provide: ErrorHandler, useValue: { handleError: thrown } }], { ...quiet, onEvent });
    fixture.componentInstance.url.set(`${api}/a.png?token=x`);
    expect(await shown(fixture)).toBeNull();
    expect(thrown).not.toHaveBeenCalled();
    expect(events()).toBeGreaterThan(0);
  });

  it('shows nothing where the API refuses', async () => {
    server.file = () => new Response(null, { status: 404 });
    expect(await shown(await show())).toBeNull();
  });

  it('loads nothing where a server renders', async () => {
    const fixture = await show([{ provide: PLATFORM_ID, useValue: 'server' }]);
    expect(await shown(fixture)).toBeNull();
    expect(server.count('/a.png')).toBe(0);
  });
});
