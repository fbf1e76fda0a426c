import { provideHttpClient, withInterceptors } from '@angular/common/http';
import { provideZoneChangeDetection } from '@angular/core';
import { bootstrapApplication } from '@angular/platform-browser';
import { provideRouter } from '@angular/router';
import { latchkeyInterceptor, provideLatchkey, withLoginPage } from '@latchkey/angular';
import { App, routes } from './app.js';
import { apiUrl } from './environment.js';

void bootstrapApplication(App, {
  providers: [
    provideZoneChangeDetection(),
    provideRouter(routes),
    provideHttpClient(withInterceptors([latchkeyInterceptor])),
    provideLatchkey({ api: apiUrl() }, withLoginPage('/login')),
  ],
});
