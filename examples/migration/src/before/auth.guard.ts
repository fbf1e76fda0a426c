import { inject } from '@angular/core';
import { type CanActivateFn, Router } from '@angular/router';
import { AuthService } from './auth.service.js';

/** Leads whoever has no token to the login page. */
export const authGuard: CanActivateFn = () =>
  inject(AuthService).accessToken !== null || inject(Router).parseUrl('/login');
