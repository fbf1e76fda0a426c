import { provideHttpClient, withInterceptors, withXhr } from '@angular/common/http';
import { type ApplicationConfig, inject, provideBrowserGlobalErrorListeners } from '@angular/core';
import {
  PreloadAllModules,
  TitleStrategy,
  provideRouter,
  withComponentInputBinding,
  withInMemoryScrolling,
  withPreloading,
} from '@angular/router';
import { latchkeyInterceptor, provideLatchkey, withLoginPage } from '@latchkey/angular';
import { routes } from './routes.js';
import { inactivityLimit } from './session/inactivity-limit.js';
import { SessionNews } from './session/session-news.js';
import { PageTitle } from './shell/page-title.js';

/** All that the app provides. What Latchkey needs stands here and nowhere else. */
export const appConfig: ApplicationConfig = {
  providers: [
    provideBrowserGlobalErrorListeners(),
    provideRouter(
      routes,
      withComponentInputBinding(),
      withInMemoryScrolling({ scrollPositionRestoration: 'enabled' }),
      // Who signs out in a tunnel must get to the sign-in page, and away from what is on this one.
      withPreloading(PreloadAllModules),
    ),
    // XMLHttpRequest, because `fetch` tells nothing of an upload's progress.
    provideHttpClient(withXhr(), withInterceptors([latchkeyInterceptor])),
    provideLatchkey(
      () => {
        const news = inject(SessionNews);
        return {
          api: ['/api', '/auth'],
          onSignedOut: (reason) => news.signedOut(reason),
          onEvent: () => news.happened(),
        };
      },
      withLoginPage('/login'),
      ...inactivityLimit(),
    ),
    { provide: TitleStrategy, useClass: PageTitle },
  ],
};
