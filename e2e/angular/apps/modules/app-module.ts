import { HTTP_INTERCEPTORS, provideHttpClient, withInterceptorsFromDi, withXhr } from '@angular/common/http';
import { NgModule, provideZoneChangeDetection } from '@angular/core';
import { BrowserModule } from '@angular/platform-browser';
import { RouterModule } from '@angular/router';
import {
  AuthorizedSrcPipe,
  LatchkeyInterceptor,
  provideLatchkey,
  signedInGuard,
  withLoginPage,
} from '@latchkey/angular';
import { AccountPage } from './account-page.js';
import { App, HomePage, LoginPage } from './app.js';
import { apiUrl } from './environment.js';

/** An app as they were written before standalone components: modules, zone.js, XHR and a class as interceptor. */
@NgModule({
  declarations: [App, HomePage, LoginPage, AccountPage],
  imports: [
    BrowserModule,
    AuthorizedSrcPipe,
    RouterModule.forRoot([
      { path: '', component: HomePage },
      { path: 'login', component: LoginPage },
      { path: 'account', component: AccountPage, canActivate: [signedInGuard] },
    ]),
  ],
  providers: [
    provideZoneChangeDetection(),
    provideHttpClient(withXhr(), withInterceptorsFromDi()),
    { provide: HTTP_INTERCEPTORS, useClass: LatchkeyInterceptor, multi: true },
    provideLatchkey({ api: apiUrl() }, withLoginPage('/login')),
  ],
  bootstrap: [App],
})
export class AppModule {}
