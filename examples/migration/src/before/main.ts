import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideRouter } from '@angular/router';
import { App } from '../common/app.js';
import { authGuard } from './auth.guard.js';
import { authInterceptor } from './auth.interceptor.js';
import { Login } from './login.js';
import { Orders } from './orders.js';

await bootstrapApplication(App, {
  providers: [
    provideRouter([
      { path: 'login', component: Login },
      { path: '', component: Orders, canActivate: [authGuard] },
    ]),
    provideHttpClient(withInterceptors([authInterceptor])),
  ],
});
