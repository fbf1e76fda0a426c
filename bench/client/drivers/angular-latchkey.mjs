// First, because it brings the compiler.
import { openApp } from './angular-app.mjs';
import { runInInjectionContext } from '@angular/core';
import { provideRouter } from '@angular/router';
import { latchkey } from '@latchkey/client';
import { injectSession, latchkeyInterceptor, provideLatchkey } from '@latchkey/angular';

export const open = ({ origin, authUrl }) =>
  openApp({
    interceptors: [latchkeyInterceptor],
    providers: [provideRouter([]), provideLatchkey({ api: origin, backend: latchkey({ url: authUrl }) })],
    signIn: (injector, username) =>
      runInInjectionContext(injector, injectSession).signUp({ username, password: 'seven-green-lanterns' }),
  });
