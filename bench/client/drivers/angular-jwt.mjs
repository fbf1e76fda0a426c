// First, because it brings the compiler.
import { openApp } from './angular-app.mjs';
import { importProvidersFrom } from '@angular/core';
import { JwtModule } from '@auth0/angular-jwt';
import { open as openBare } from './bare.mjs';

/** As its guide shows: the token from localStorage, on the hosts that are allowed. */
export const open = ({ origin }) =>
  openApp({
    providers: importProvidersFrom(
      JwtModule.forRoot({
        config: { tokenGetter: () => localStorage.getItem('token'), allowedDomains: [new URL(origin).host] },
      }),
    ),
    signIn: () => openBare().signIn(),
  });
