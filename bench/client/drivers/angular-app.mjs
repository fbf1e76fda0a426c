// Angular's packages are compiled in part; here its own compiler does the rest.
import '@angular/compiler';
import {
  HttpClient,
  provideHttpClient,
  withFetch,
  withInterceptors,
  withInterceptorsFromDi,
} from '@angular/common/http';
import { provideZonelessChangeDetection } from '@angular/core';
import { createApplication } from '@angular/platform-browser';

/** An app without a component: HttpClient over `fetch`, with these interceptors and providers. */
export async function openApp({ interceptors = [], providers = [], signIn }) {
  const http = provideHttpClient(withFetch(), withInterceptors(interceptors), withInterceptorsFromDi());
  const { injector } = await createApplication({ providers: [provideZonelessChangeDetection(), http, providers] });
  const client = injector.get(HttpClient);
  return {
    signIn: (username) => signIn(injector, username),
    send: (url) => new Promise((resolve, reject) => client.get(url).subscribe({ next: resolve, error: reject })),
  };
}
