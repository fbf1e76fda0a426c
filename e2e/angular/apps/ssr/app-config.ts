import { provideHttpClient, withInterceptors } from '@angular/common/http';
import type { ApplicationConfig } from '@angular/core';
import { provideClientHydration } from '@angular/platform-browser';
import { provideRouter } from '@angular/router';
import { latchkeyInterceptor, provideLatchkey, withLoginPage } from '@latchkey/angular';
import { routes } from '../standalone/app.js';
import { apiUrl } from '../standalone/environment.js';

/** The same for the server and for the browser. */
export const appConfig: ApplicationConfig = {
  providers: [
    provideClientHydration(),
    provideRouter(routes),
    provideHttpClient(withInterceptors([latchkeyInterceptor])),
    provideLatchkey(() => ({ api: apiUrl() }), withLoginPage('/login')),
  ],
};
