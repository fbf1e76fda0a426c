import { HttpErrorResponse, type HttpHandlerFn, type HttpInterceptorFn, type HttpRequest } from '@angular/common/http';
import { inject } from '@angular/core';
import { Router } from '@angular/router';
import { BehaviorSubject, catchError, filter, switchMap, take, throwError } from 'rxjs';
import { environment } from '../common/environment.js';
import { AuthService } from './auth.service.js';

let refreshing = false;
const refreshed = new BehaviorSubject<string | null>(null);

/** Adds the token, and refreshes it at a 401; other requests wait for that in a queue. */
export const authInterceptor: HttpInterceptorFn = (request, next) => {
  const auth = inject(AuthService);
  const router = inject(Router);
  if (request.url.startsWith(environment.signIn) || request.url.startsWith(environment.refresh)) return next(request);

  const refreshAndRepeat = () => {
    if (refreshing) {
      return refreshed.pipe(
        filter((token) => token !== null),
        take(1),
        switchMap((token) => next(withToken(request, token))),
      );
    }
    refreshing = true;
    refreshed.next(null);
    return auth.refresh().pipe(
      switchMap(({ access }) => {
        refreshing = false;
        refreshed.next(access);
        return next(withToken(request, access));
      }),
      catchError((error: unknown) => {
        refreshing = false;
        auth.signOut();
        void router.navigateByUrl('/login');
        return throwError(() => error);
      }),
    );
  };
  return send(request, next, auth.accessToken).pipe(
    catchError((error: unknown) => {
      if (error instanceof HttpErrorResponse && error.status === 401) return refreshAndRepeat();
      return throwError(() => error);
    }),
  );
};

const send = (request: HttpRequest<unknown>, next: HttpHandlerFn, token: string | null) =>
  next(token === null ? request : withToken(request, token));

const withToken = (request: HttpRequest<unknown>, token: string) =>
  request.clone({ setHeaders: { Authorization: `Bearer ${token}` } });
