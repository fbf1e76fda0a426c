import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideRouter } from '@angular/router';
import { latchkeyInterceptor, provideLatchkey, withLoginPage } from '@latchkey/angular';
import { App, routes } from './app.js';
import { apiUrl } from './environment.js';

void bootstrapApplication(App, {
  providers: [
    provideRouter(routes),
    provideHttpClient(withInterceptors([latchkeyInterceptor])),
    provideLatchkey({ api: apiUrl() }, withLoginPage('/login')),
  ],
});
