// Angular's packages are compiled in part; here, as in tests, their own compiler does the rest.
import '@angular/compiler';
import { provideLocationMocks } from '@angular/common/testing';
import {
  HttpBackend,
  HttpClient,
  HttpResponse,
  provideHttpClient,
  withInterceptors,
  withNoXsrfProtection,
} from '@angular/common/http';
import {
  APP_INITIALIZER,
  DOCUMENT,
  PLATFORM_ID,
  TransferState,
  createEnvironmentInjector,
  createPlatformFactory,
  platformCore,
  provideZonelessChangeDetection,
  runInInjectionContext,
  ɵINJECTOR_SCOPE as INJECTOR_SCOPE,
} from '@angular/core';
import { injectSession, latchkeyInterceptor, provideLatchkey } from '@latchkey/angular';
import { of } from 'rxjs';
import { interleaved, microseconds } from './measure.mjs';
import { signedIn } from './requests.mjs';

const api = 'https://api.example.com';
const times = 5000;

/**
 * What the interceptor adds to a request of HttpClient while the token is fresh, with another URL each time. A backend
 * that answers at once stands in for the network.
 */
export async function angularRequests() {
  const realFetch = globalThis.fetch;
  globalThis.fetch = () => Promise.resolve(signedIn());
  const withLatchkey = await openApp([latchkeyInterceptor]);
  // The same header by hand, without a rule: what nobody should ship.
  const token = `Bearer ${await withLatchkey.session.accessToken()}`;
  const byHand = await openApp([(request, next) => next(request.clone({ setHeaders: { Authorization: token } }))]);
  const bare = await openApp([]);
  try {
    if ((await lastHeader(withLatchkey)) !== token) throw new Error('The interceptor did not send the token at once.');
    let round = 0;
    const over = async ({ http }) => {
      const urls = Array.from({ length: times }, (_, at) => `${api}/orders/${++round}/lines?page=${at}&sort=name`);
      return microseconds(times, (at) => void http.get(urls[at]).subscribe());
    };
    const figures = await interleaved({
      'bare HttpClient': () => over(bare),
      'header by hand': () => over(byHand),
      latchkeyInterceptor: () => over(withLatchkey),
    });
    const added = (figures.latchkeyInterceptor - figures['bare HttpClient']).toFixed(2);
    return {
      title: 'A request of HttpClient with a fresh token, until the answer (a stub) is there',
      unit: 'µs',
      floor: 'bare HttpClient',
      figures,
      note: `latchkeyInterceptor adds ${added} µs here, in Node (budget 25, in a browser, whose URL parser is slower).`,
    };
  } finally {
    for (const app of [withLatchkey, byHand, bare]) app.injector.destroy();
    globalThis.fetch = realFetch;
  }
}

const platform = createPlatformFactory(platformCore, 'bench', [
  { provide: PLATFORM_ID, useValue: 'browser' },
  { provide: DOCUMENT, useValue: {} },
]);

/** An app without a page: HttpClient with these interceptors, and somebody signed in. */
async function openApp(interceptors) {
  let sent;
  const answer = new HttpResponse({ status: 200, body: {} });
  const backend = { handle: (request) => ((sent = request), of(answer)) };
  const providers = [
    { provide: INJECTOR_SCOPE, useValue: 'root' },
    provideZonelessChangeDetection(),
    { provide: TransferState, useValue: new TransferState() },
    provideLocationMocks(),
    provideHttpClient(withInterceptors(interceptors), withNoXsrfProtection()),
    { provide: HttpBackend, useValue: backend },
    provideLatchkey({ api, storage: 'memory', refreshOnLoad: false }),
  ];
  const injector = createEnvironmentInjector(providers, platform().injector);
  for (const begin of injector.get(APP_INITIALIZER)) runInInjectionContext(injector, begin);
  const session = runInInjectionContext(injector, injectSession);
  await session.signIn({ username: 'bench', password: 'never sent anywhere' });
  return { injector, session, http: injector.get(HttpClient), sent: () => sent };
}

/** What is sent before `get` returns: were it later, the figure would mean nothing. */
async function lastHeader({ http, sent }) {
  http.get(api).subscribe();
  return sent().headers.get('Authorization');
}
