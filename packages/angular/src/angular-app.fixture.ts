import '@angular/compiler';
import { Component, type EnvironmentProviders, Injector, type Provider } from '@angular/core';
import { TestBed, getTestBed } from '@angular/core/testing';
import { BrowserTestingModule, platformBrowserTesting } from '@angular/platform-browser/testing';
import { type SessionOptions, createSession } from '@latchkey/client';
import { Blob } from 'node:buffer';
import { afterEach, vi } from 'vitest';

getTestBed().initTestEnvironment(BrowserTestingModule, platformBrowserTesting());
// jsdom's own cannot be read by the platform's Response.
Object.assign(globalThis, { Blob });

export const api = 'https://api.test';
export const ada = { id: '1', username: 'ada', profile: { name: 'Ada' } };
const bob = { id: '2', username: 'bob', profile: { name: 'Bob' } };

interface Sent {
  readonly path: string;
  readonly body: Record<string, unknown>;
}

/** A page with nothing on it. */
export const EmptyPage = Component({ template: '' })(
  class {
    readonly isEmpty = true;
  },
);

/** A token server in the place of the page's network: it gives the n-th token to whoever asks. */
export class TokenServer {
  readonly sent: Sent[] = [];
  readonly people = [ada, bob];
  lifetime = 900;
  claims: Record<string, unknown> = {};
  /** What is asked for beside the tokens. */
  file: (path: string) => Response | Promise<Response> = () => new Response('a picture');
  #issued = 0;
  #user: unknown = ada;

  constructor() {
    vi.stubGlobal('fetch', (input: RequestInfo | URL, init?: RequestInit) =>
      this.#answer(new Request(input, clean(init))),
    );
  }

  /** Answers a refresh; to be replaced. */
  refresh: () => Response | Promise<Response> = () => this.tokens();

  /** The session, as the token that was issued last tells it. */
  token(number = this.#issued): string {
    const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
    return `${part({ alg: 'ES256', typ: 'at+jwt' })}.${part({ ...this.claims, jti: `token-${number}` })}.c2lnbmF0dXJl`;
  }

  tokens(): Response {
    const access = this.token(++this.#issued);
    const refresh = `refresh-token-${this.#issued}`;
    return Response.json({ access, refresh, expires_in: this.lifetime, refresh_expires_in: 86_400, user: this.#user });
  }

  count(path: string): number {
    return this.sent.filter((sent) => sent.path === path).length;
  }

  async #answer(request: Request): Promise<Response> {
    const { pathname: path } = new URL(request.url);
    const text = await request.text();
    const body = (text ? JSON.parse(text) : {}) as Record<string, unknown>;
    this.sent.push({ path, body });
    if (path === '/auth/refresh') return this.refresh();
    if (path === '/auth/sign-out') return new Response(null, { status: 204 });
    if (path !== '/auth/sign-in') return this.file(path);
    this.#user = this.people.find(({ username }) => username === body['username']);
    if (this.#user) return this.tokens();
    return Response.json({ error: 'invalid_credentials', error_description: 'No.' }, { status: 401 });
  }
}

/** The platform's Request takes no signal of jsdom's. */
const clean = (init: RequestInit = {}): RequestInit => ({ ...init, signal: null });

/** Another tab of the same browser, as far as storage goes: what it does, this one is told. */
export async function inAnotherTab(
  act: (session: ReturnType<typeof createSession>) => Promise<unknown>,
): Promise<void> {
  const session = createSession({ api, refreshOnLoad: false });
  const stop = session.start();
  await act(session);
  stop();
  window.dispatchEvent(new StorageEvent('storage', { key: 'latchkey.default' }));
  await settled();
}

/** Leaves a session in the storage, as a page does that was open some seconds ago. */
export async function signedInBefore({ secondsAgo = 60, username = 'ada' } = {}): Promise<void> {
  vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - secondsAgo * 1000 });
  const session = createSession({ api, refreshOnLoad: false });
  await session.signIn({ username });
  vi.useRealTimers();
}

/** The options of most tests: nothing is refreshed unasked. */
export const quiet: SessionOptions = { api, refreshOnLoad: false };

/** Starts an app, and lets it read its storage. */
export async function startApp(providers: readonly (Provider | EnvironmentProviders)[]): Promise<void> {
  TestBed.configureTestingModule({ providers: [...providers] });
  TestBed.inject(Injector);
  await settled();
}

const realTimeout = globalThis.setTimeout;

/** Lets everything run that waits for nothing but its turn. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise<void>((resolve) => void realTimeout(resolve, 0));
}

afterEach(() => {
  TestBed.resetTestingModule();
  localStorage.clear();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});
