import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideRouter } from '@angular/router';
import { latchkeyInterceptor, provideLatchkey, signedInGuard, withLoginPage } from '@latchkey/angular';
import { App } from '../common/app.js';
import { backend } from './backend.js';
import { Login } from './login.js';
import { Orders } from './orders.js';

await bootstrapApplication(App, {
  providers: [
    provideRouter([
      { path: 'login', component: Login },
      { path: '', component: Orders, canActivate: [signedInGuard] },
    ]),
    provideHttpClient(withInterceptors([latchkeyInterceptor])),
    provideLatchkey(
      { api: '/api', backend, legacyKeys: { access: 'currentUser', refresh: 'refresh' } },
      withLoginPage('/login'),
    ),
  ],
});
