import {
  type HttpEvent,
  HttpErrorResponse,
  type HttpHandler,
  type HttpHandlerFn,
  type HttpInterceptor,
  type HttpInterceptorFn,
  type HttpRequest,
} from '@angular/common/http';
import { Injectable, NgZone, inject } from '@angular/core';
import { isSessionError } from '@latchkey/client';
import { type Bearer, type RequestGate, requestGate } from '@latchkey/client/adapter';
import { type Observable, catchError, defer, from, switchMap, tap, throwError } from 'rxjs';
import { PROVIDED, onServer } from './provided.js';
import { SKIP_AUTH } from './skip-auth.js';

/**
 * Gives the API's requests the token, refreshed first where it is near its end, and repeats a request once that the API
 * refused for its token; the rules are those of `session.fetch`. With a fresh token nothing is waited for. Each
 * subscription asks anew, so an operator that repeats a request repeats it with the token of that moment.
 * Without a token to be had the request fails as it would without a network: HttpErrorResponse with status 0, whose
 * `error` is a TransientError. A request that may not be sent fails with RequestRefusedError, and one whose person is
 * no longer signed in with SignedOutError ERR_SESSION_CHANGED.
 * @example
 * provideHttpClient(withInterceptors([latchkeyInterceptor]))
 */
export const latchkeyInterceptor: HttpInterceptorFn = (request, next) => intercept(injectRules(), request, next);

/**
 * The same for apps with modules.
 * @example
 * provideHttpClient(withInterceptorsFromDi()), { provide: HTTP_INTERCEPTORS, useClass: LatchkeyInterceptor, multi: true }
 */
@Injectable()
export class LatchkeyInterceptor implements HttpInterceptor {
  readonly #rules = injectRules();

  intercept(request: HttpRequest<unknown>, next: HttpHandler): Observable<HttpEvent<unknown>> {
    return intercept(this.#rules, request, (sent) => next.handle(sent));
  }
}

/** The rules, and whether a token is to be had at all: a server that renders knows nobody. */
function injectRules(): RequestGate & { readonly server: boolean } {
  const [{ session }, server, zone] = [inject(PROVIDED), onServer(), inject(NgZone)];
  const gate = requestGate(session);
  return {
    server,
    check: (sent) => gate.check(sent),
    // Timers of a wait are the session's, and do not keep an app from being stable.
    enter: (call) => zone.runOutsideAngular(() => gate.enter(call)),
    renew: (sent, refused) => zone.runOutsideAngular(() => gate.renew(sent, refused)),
  };
}

function intercept(
  rules: ReturnType<typeof injectRules>,
  request: HttpRequest<unknown>,
  next: HttpHandlerFn,
): Observable<HttpEvent<unknown>> {
  const { headers, context } = request;
  const skip = context.get(SKIP_AUTH) ? 'true' : headers.get('skip');
  const bare = headers.has('skip') ? request.clone({ headers: headers.delete('skip') }) : request;
  const send = (bearer: Bearer | undefined) =>
    bearer ? sendTwice(rules, bearer, { request: bare, next }) : next(bare);
  return defer(() => {
    // Nobody waits on a server for what it will never know; a script that JSONP loads carries no header.
    const authorised = rules.server || request.method === 'JSONP' || headers.has('Authorization');
    const entered = rules.enter({ url: request.urlWithParams, skip, authorised });
    if (!('then' in entered)) return send(entered.bearer);
    return from(entered).pipe(switchMap(({ bearer }) => send(bearer)));
  }).pipe(catchError((error: unknown) => throwError(() => asOfNetwork(error, request))));
}

/** Sends with the token, and once more with the next one if the API refuses this one. */
function sendTwice(
  gate: RequestGate,
  bearer: Bearer,
  { request, next }: { request: HttpRequest<unknown>; next: HttpHandlerFn },
): Observable<HttpEvent<unknown>> {
  const mine = (): void => gate.check(bearer);
  const send = ({ accessToken }: Bearer) =>
    next(request.clone({ setHeaders: { Authorization: `Bearer ${accessToken}` } })).pipe(
      tap({ next: mine, error: mine }),
    );
  return send(bearer).pipe(
    catchError((error: unknown) => {
      if (!(error instanceof HttpErrorResponse) || error.status !== 401) throw error;
      const challenge = error.headers.get('WWW-Authenticate') ?? undefined;
      const renewed = gate.renew(bearer, { challenge, body: () => jsonOf(error.error) });
      return from(renewed).pipe(switchMap((again) => (again ? send(again) : throwError(() => error))));
    }),
  );
}

/** An error's body is parsed already, or as the app asked for it: text, Blob or ArrayBuffer. */
function jsonOf(body: unknown): Promise<unknown> {
  const raw = typeof body === 'string' || body instanceof Blob || body instanceof ArrayBuffer;
  return raw ? new Response(body).json().catch(() => undefined) : Promise.resolve(body);
}

/** No token to be had now is, to an app, no network. */
const asOfNetwork = (error: unknown, { urlWithParams: url }: HttpRequest<unknown>): unknown =>
  isSessionError(error) && error.kind === 'transient'
    ? new HttpErrorResponse({ error, status: 0, statusText: 'No token', url })
    : error;
