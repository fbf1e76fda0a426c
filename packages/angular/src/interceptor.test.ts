// @vitest-environment jsdom
import '@angular/compiler';
import {
  type HttpEvent,
  HTTP_INTERCEPTORS,
  HttpClient,
  HttpContext,
  HttpErrorResponse,
  HttpEventType,
  HttpHeaders,
  type HttpInterceptorFn,
  HttpResponse,
  provideHttpClient,
  withInterceptors,
  withInterceptorsFromDi,
} from '@angular/common/http';
import { HttpTestingController, type TestRequest, provideHttpClientTesting } from '@angular/common/http/testing';
import { type EnvironmentProviders, PLATFORM_ID, type Provider } from '@angular/core';
import { TestBed } from '@angular/core/testing';
import { TransientError, createSession } from '@latchkey/client';
import { simpleJwt } from '@latchkey/client/simple-jwt';
import { retry } from 'rxjs';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { TokenServer, api, inAnotherTab, quiet, settled, signedInBefore, startApp } from './angular-app.fixture.js';
import { LatchkeyInterceptor, SKIP_AUTH, latchkeyInterceptor, provideLatchkey } from './index.js';

let server: TokenServer;
let http: HttpClient;
let backend: HttpTestingController;

const functional = provideHttpClient(withInterceptors([latchkeyInterceptor]));
const byClass = [
  provideHttpClient(withInterceptorsFromDi()),
  { provide: HTTP_INTERCEPTORS, useClass: LatchkeyInterceptor, multi: true },
];

async function open(client: Provider | EnvironmentProviders = functional, more: Provider[] = []): Promise<void> {
  await startApp([client, provideHttpClientTesting(), provideLatchkey(quiet), ...more]);
  http = TestBed.inject(HttpClient);
  backend = TestBed.inject(HttpTestingController);
}

/** What an app sees of a request. */
interface Seen {
  readonly events: HttpEvent<unknown>[];
  body?: unknown;
  error?: unknown;
  stop(): void;
}

function call(url = `${api}/x`, options: Parameters<HttpClient['request']>[2] = {}): Seen {
  return watch(http.request('GET', url, { ...options, observe: 'events' }));
}

function watch(request: ReturnType<HttpClient['request']>): Seen {
  const seen: Seen = { events: [], stop: () => subscription.unsubscribe() };
  const subscription = request.subscribe({
    next(event) {
      seen.events.push(event as HttpEvent<unknown>);
      if (event instanceof HttpResponse) seen.body = event.body;
    },
    error: (error: unknown) => (seen.error = error),
  });
  return seen;
}

const sentTo = (path = '/x'): TestRequest[] => backend.match(({ url }) => url.endsWith(path));
const only = (path = '/x'): TestRequest => {
  const sent = sentTo(path);
  expect(sent).toHaveLength(1);
  return sent[0]!;
};
/** The request that will be sent when what it waits for is there. */
const next = (path?: string): Promise<TestRequest> => vi.waitFor(() => only(path), { interval: 1 });
const bearerOf = (sent: TestRequest): string | null => sent.request.headers.get('Authorization');
const token = (number: number): string => `Bearer ${server.token(number)}`;
const badToken = {
  status: 401,
  statusText: 'Unauthorized',
  headers: new HttpHeaders({ 'WWW-Authenticate': 'Bearer error="invalid_token"' }),
};

beforeEach(async () => {
  server = new TokenServer();
  await signedInBefore();
});

describe.each([
  ['the functional interceptor', functional],
  ['the class interceptor', byClass],
])('M14: %s', (_, client) => {
  beforeEach(() => open(client));

  it('M6: gives the API the token, synchronously, and nobody else', () => {
    call();
    expect(bearerOf(only())).toBe(token(1));
    for (const url of [
      'https://api.test.evil.com/x',
      'https://api.test@evil.com/x',
      '//evil.com/x',
      'https://api.test:8443/x',
    ]) {
      call(url);
      expect(bearerOf(only())).toBeNull();
    }
  });

  it('a 401 that says that the token is bad is answered by one refresh and one repeat', async () => {
    const seen = call();
    only().flush({ error: 'bad' }, badToken);
    const repeated = await next();
    expect(bearerOf(repeated)).toBe(token(2));
    repeated.flush({ mine: true });
    expect([seen.body, seen.error]).toEqual([{ mine: true }, undefined]);
    expect(server.count('/auth/refresh')).toBe(1);
  });
});

describe('M6: the token', () => {
  it('is what the app’s own Authorization header is not replaced by, nor its 401 answered', async () => {
    await open();
    const seen = call(`${api}/x`, { headers: { Authorization: 'Basic bWU6eA==' } });
    const sent = only();
    expect(bearerOf(sent)).toBe('Basic bWU6eA==');
    sent.flush(null, badToken);
    await settled();
    expect(sentTo()).toEqual([]);
    expect((seen.error as HttpErrorResponse).status).toBe(401);
  });

  it('is not added twice where a child’s requests go through its parent', async () => {
    await open(provideHttpClient(withInterceptors([latchkeyInterceptor, latchkeyInterceptor])));
    const seen = call();
    only().flush(null, badToken);
    (await next()).flush('ok');
    expect(seen.body).toBe('ok');
    expect(server.count('/auth/refresh')).toBe(1);
  });

  it('is not added to JSONP, which can carry no header', async () => {
    await open(provideHttpClient(withInterceptors([latchkeyInterceptor])));
    const seen: unknown[] = [];
    http.request('JSONP', `${api}/x?callback=JSONP_CALLBACK`).subscribe((body) => seen.push(body));
    const sent = backend.expectOne(({ method }) => method === 'JSONP');
    expect(bearerOf(sent)).toBeNull();
    sent.flush('script');
    expect(seen).toEqual(['script']);
  });

  it('is not waited for, nor sent, where a server renders', async () => {
    await open(functional, [{ provide: PLATFORM_ID, useValue: 'server' }]);
    call();
    expect(bearerOf(only())).toBeNull();
    expect(server.sent).toHaveLength(1);
  });

  it('is added to what an interceptor before ours has made of the request', async () => {
    const prefix: HttpInterceptorFn = (request, next) => next(request.clone({ url: `${api}/${request.url}` }));
    await open(provideHttpClient(withInterceptors([prefix, latchkeyInterceptor])));
    call('x');
    expect(bearerOf(only())).toBe(token(1));
  });

  it('of this moment goes with each repetition that an operator of the app makes', async () => {
    await open();
    const seen = watch(http.request('GET', `${api}/x`, { observe: 'events' }).pipe(retry(1)));
    only().flush(null, badToken);
    const repeated = await next();
    repeated.flush(null, { status: 503, statusText: 'Busy' });
    expect(bearerOf(only())).toBe(token(2));
    expect(seen.error).toBeUndefined();
  });
});

describe('M7: a request can go without', () => {
  beforeEach(() => open());

  it.each([
    ['SKIP_AUTH', { context: new HttpContext().set(SKIP_AUTH, true) }],
    ['the header', { headers: { skip: 'true' } }],
    ['both', { context: new HttpContext().set(SKIP_AUTH, true), headers: { skip: 'true' } }],
  ])('by %s, which does not leave the browser', async (_, options) => {
    const seen = call(`${api}/x`, options);
    const sent = only();
    expect([bearerOf(sent), sent.request.headers.has('skip')]).toEqual([null, false]);
    sent.flush(null, badToken);
    await settled();
    expect(sentTo()).toEqual([]);
    expect((seen.error as HttpErrorResponse).status).toBe(401);
  });

  it('and one context serves several requests', () => {
    const context = new HttpContext().set(SKIP_AUTH, true);
    call(`${api}/x`, { context });
    call(`${api}/y`, { context });
    expect([bearerOf(only()), bearerOf(only('/y'))]).toEqual([null, null]);
    call(`${api}/x`, { context: context.set(SKIP_AUTH, false) });
    expect(bearerOf(only())).toBe(token(1));
  });

  it('another value of the header is an error in development', () => {
    expect(call(`${api}/x`, { headers: { skip: '1' } }).error).toMatchObject({ code: 'ERR_SKIP_VALUE' });
    expect(sentTo()).toEqual([]);
  });
});

describe('M12: a secret in a URL', () => {
  beforeEach(() => open());

  it.each([
    ['a parameter', () => `${api}/x?page=1&password=hunter2`, {}],
    ['HttpParams', () => `${api}/x`, { params: { access_token: 'hunter2' } }],
    ['the token itself, wherever it goes', () => `https://other.test/x?u=${server.token(1)}`, {}],
  ])('is refused before anything is sent: %s', (_, url, options) => {
    const { error } = call(url(), options);
    expect(error).toMatchObject({ code: 'ERR_SECRET_IN_URL', kind: 'request-refused' });
    expect(String(error)).not.toContain('hunter2');
    backend.verify();
  });

  it('also without a token and on a server', async () => {
    expect(call(`${api}/x?pwd=1`, { headers: { skip: 'true' } }).error).toMatchObject({ code: 'ERR_SECRET_IN_URL' });
    TestBed.resetTestingModule();
    await open(functional, [{ provide: PLATFORM_ID, useValue: 'server' }]);
    expect(call(`${api}/x?pwd=1`).error).toMatchObject({ code: 'ERR_SECRET_IN_URL' });
  });
});

describe('without a fresh token', () => {
  let letRefresh: (answer?: Response) => void;

  beforeEach(async () => {
    TestBed.resetTestingModule();
    localStorage.clear();
    await signedInBefore({ secondsAgo: 880 });
    const answer = new Promise<Response>((resolve) => {
      letRefresh = (given = server.tokens()) => resolve(given);
    });
    server.refresh = () => answer;
    await open();
  });

  it('M4: a request waits for it, and does not cancel it by leaving', async () => {
    const [left, patient] = [call(), call(`${api}/y`)];
    await vi.waitFor(() => expect(server.count('/auth/refresh')).toBe(1));
    expect([...sentTo(), ...sentTo('/y')]).toEqual([]);
    left.stop();
    letRefresh();
    expect(bearerOf(await next('/y'))).toBe(token(3));
    expect([sentTo(), left.error, patient.error]).toEqual([[], undefined, undefined]);
  });

  it('a request fails as without a network when none can be had', async () => {
    const seen = call();
    letRefresh(new Response('<h1>Bad gateway</h1>', { status: 502 }));
    vi.setSystemTime(Date.now() + 60_000);
    await vi.waitFor(() => expect(seen.error).toBeDefined(), { timeout: 8000 });
    const { status, error, url } = seen.error as HttpErrorResponse;
    expect(seen.error).toBeInstanceOf(HttpErrorResponse);
    expect([status, url]).toEqual([0, `${api}/x`]);
    expect(error).toBeInstanceOf(TransientError);
    expect(sentTo()).toEqual([]);
  }, 10_000);

  it('E15: what waited for one person is not sent for the next', async () => {
    const seen = call();
    await inAnotherTab((session) => session.signIn({ username: 'bob' }));
    await vi.waitFor(() => expect(seen.error).toMatchObject({ code: 'ERR_SESSION_CHANGED' }));
    letRefresh();
    await settled();
    expect(sentTo()).toEqual([]);
  });
});

describe('M14: a 401', () => {
  beforeEach(() => open());
  const json = JSON.stringify({ code: 'token_not_valid' });

  it.each([
    ['json', () => ({ code: 'token_not_valid' })],
    ['text', () => json],
    ['blob', () => new Blob([json])],
    ['arraybuffer', () => Uint8Array.from(Buffer.from(json)).buffer],
  ] as const)('read by a backend from its body is answered, for the response type %s', async (responseType, body) => {
    TestBed.resetTestingModule();
    const backendOption = { backend: simpleJwt({ refreshPath: '/auth/refresh', signInPath: '/auth/sign-in' }) };
    localStorage.clear();
    const first = createSession({ ...quiet, ...backendOption });
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() - 60_000 });
    await first.signIn({ username: 'ada' });
    vi.useRealTimers();
    await startApp([functional, provideHttpClientTesting(), provideLatchkey({ ...quiet, ...backendOption })]);
    [http, backend] = [TestBed.inject(HttpClient), TestBed.inject(HttpTestingController)];
    const seen = call(`${api}/x`, { responseType });
    only().flush(body(), { status: 401, statusText: 'Unauthorized' });
    (await next()).flush(body());
    expect(seen.error).toBeUndefined();
    expect(seen.body).toEqual(body());
  });

  it('in the middle of an upload with progress starts it again', async () => {
    const body = new Blob(['a picture']);
    const seen = watch(http.request('POST', `${api}/x`, { body, reportUploadProgress: true, observe: 'events' }));
    const progress = (loaded: number) => ({ type: HttpEventType.UploadProgress, loaded, total: 9 }) as const;
    const first = only();
    first.event(progress(9));
    first.flush(null, badToken);
    const repeated = await next();
    expect(repeated.request.body).toBe(body);
    repeated.event(progress(3));
    repeated.event(progress(9));
    repeated.flush('stored');
    const loaded = seen.events.flatMap((event) => (event.type === HttpEventType.UploadProgress ? [event.loaded] : []));
    expect([loaded, seen.body]).toEqual([[9, 3, 9], 'stored']);
  });

  it('E18: the second one is the app’s', async () => {
    const seen = call();
    only().flush(null, badToken);
    (await next()).flush('mine', badToken);
    await settled();
    expect(seen.error).toMatchObject({ status: 401, error: 'mine' });
    expect([server.count('/auth/refresh'), sentTo()]).toEqual([1, []]);
  });

  it.each([
    ['that says something else', { status: 401, headers: new HttpHeaders({ 'WWW-Authenticate': 'Basic realm="x"' }) }],
    ['that says nothing', { status: 401 }],
    ['that is a 403', { ...badToken, status: 403 }],
  ])('%s is the app’s', async (_, answer) => {
    const seen = call();
    only().flush('mine', { statusText: 'No', ...answer });
    await settled();
    expect(seen.error).toMatchObject({ status: answer.status, error: 'mine' });
    expect([server.count('/auth/refresh'), sentTo()]).toEqual([0, []]);
  });

  it('E16: to twenty requests makes one refresh and twenty successes', async () => {
    const seen = Array.from({ length: 20 }, () => call());
    for (const sent of sentTo()) sent.flush(null, badToken);
    const repeated = await vi.waitFor(() => {
      const found = sentTo();
      expect(found).toHaveLength(20);
      return found;
    });
    for (const sent of repeated) sent.flush('ok');
    expect(seen.map(({ body }) => body)).toEqual(Array(20).fill('ok'));
    expect(server.count('/auth/refresh')).toBe(1);
  });

  it('E17: for a token that has been replaced is answered with the current one, without a refresh', async () => {
    const seen = call();
    const late = only();
    await inAnotherTab((session) => session.refresh());
    late.flush(null, badToken);
    const repeated = await next();
    expect(bearerOf(repeated)).toBe(token(2));
    repeated.flush('ok');
    expect([seen.body, server.count('/auth/refresh')]).toEqual(['ok', 1]);
  });

  it('whose refresh gets no answer is no 401 to the app: it would take it for a sign-out', async () => {
    server.refresh = () => Promise.reject(new TypeError('offline'));
    const seen = call();
    only().flush(null, badToken);
    await vi.waitFor(() => expect(seen.error).toBeDefined(), { timeout: 8000 });
    expect(seen.error).toMatchObject({ status: 0, error: { kind: 'transient', code: 'ERR_NETWORK' } });
  }, 10_000);

  it('is not repeated for an app that has stopped listening', async () => {
    const seen = call();
    only().flush(null, badToken);
    seen.stop();
    await vi.waitFor(() => expect(server.count('/auth/refresh')).toBe(1));
    await settled();
    expect(sentTo()).toEqual([]);
  });
});

describe('E15: another person', () => {
  beforeEach(async () => {
    await open();
  });
  const bobComes = () => inAnotherTab((session) => session.signIn({ username: 'bob' }));

  it('gets no answer to what the one before had asked, not even its beginning', async () => {
    const [whole, part] = [call(), call(`${api}/y`, { reportDownloadProgress: true, responseType: 'text' })];
    const [sent, begun] = [only(), only('/y')];
    await bobComes();
    sent.flush('secret of ada');
    begun.event({ type: HttpEventType.DownloadProgress, loaded: 6, partialText: 'secret' } as HttpEvent<unknown>);
    for (const seen of [whole, part]) {
      expect(seen.error).toMatchObject({ code: 'ERR_SESSION_CHANGED', kind: 'signed-out' });
      expect(JSON.stringify(seen.events)).not.toContain('secret');
    }
    expect(begun.cancelled).toBe(true);
  });

  it('nor its error, nor is what was refused sent with the new token', async () => {
    const [failed, refused] = [call(), call(`${api}/y`)];
    const [sent, other] = [only(), only('/y')];
    await bobComes();
    sent.flush('secret of ada', { status: 422, statusText: 'No' });
    other.flush('secret of ada', badToken);
    await settled();
    for (const seen of [failed, refused]) expect(seen.error).toMatchObject({ code: 'ERR_SESSION_CHANGED' });
    expect(sentTo('/y')).toEqual([]);
  });

  it('is told apart by the token’s own word, where it says who somebody is', async () => {
    server.claims = { sub: '2' };
    await inAnotherTab((session) => session.signIn({ username: 'bob' }));
    const seen = call();
    const sent = only();
    server.claims = { sub: '1' };
    await inAnotherTab((session) => session.signIn({ username: 'ada' }));
    sent.flush('secret of bob');
    expect(seen.error).toMatchObject({ code: 'ERR_SESSION_CHANGED' });
  });

  it('is not who signs in again, as to confirm a password: what is under way arrives', async () => {
    server.claims = { sub: '1' };
    await inAnotherTab((session) => session.signIn({ username: 'ada' }));
    const [booked, refused] = [call(), call(`${api}/y`)];
    const [sent, other] = [only(), only('/y')];
    await inAnotherTab((session) => session.signIn({ username: 'ada' }));
    sent.flush({ booked: true });
    expect([booked.body, booked.error]).toEqual([{ booked: true }, undefined]);
    other.flush(null, badToken);
    (await next('/y')).flush({ repeated: true });
    expect([refused.body, refused.error]).toEqual([{ repeated: true }, undefined]);
  });

  it('but an answer that comes after a sign-out is still the app’s', async () => {
    const seen = call();
    const sent = only();
    await inAnotherTab((session) => session.signOut());
    sent.flush('mine');
    expect(seen.body).toBe('mine');
  });
});

it('says kindly what is missing where provideLatchkey is', () => {
  TestBed.configureTestingModule({ providers: [functional, provideHttpClientTesting()] });
  http = TestBed.inject(HttpClient);
  expect(call().error).toMatchObject({ code: 'ERR_CONFIG', message: expect.stringContaining('add provideLatchkey(') });
});
