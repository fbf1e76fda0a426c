import { Hono } from 'hono';
import type { Connection, Route, ServerContext } from './context.js';
import { endDevice, listDevices } from './endpoints/devices.js';
import { changeMe, showMe } from './endpoints/me.js';
import { forgotPassword, resetPassword } from './endpoints/password-reset.js';
import { changePassword } from './endpoints/password.js';
import { refresh } from './endpoints/refresh.js';
import { signIn } from './endpoints/sign-in.js';
import { signOut } from './endpoints/sign-out.js';
import { signUp } from './endpoints/sign-up.js';
import { verifyEmail } from './endpoints/verify.js';
import { showHealth, showJwks, showReadiness } from './endpoints/well-known.js';
import { respond } from './http/pipeline.js';

/** A token server: mounts in anything that speaks `Request` and `Response`. */
export interface AuthServer {
  /** Answers one request; never rejects. Tell the socket's address, where it is known, for throttling and audit. */
  fetch(request: Request, connection?: Connection): Promise<Response>;
  /** Checks that the store is ready. @throws StoreUnavailableError when it is not, with what to do */
  start(): Promise<void>;
  /** Waits for requests under way, and up to 5 s for mails of theirs. The store stays open: whoever opened it closes it. */
  stop(): Promise<void>;
}

/** Puts the parts together. `createAuthServer` calls it with the real ones. */
export function assembleAuthServer(server: ServerContext): AuthServer {
  const app = new Hono<{ Bindings: Connection }>();
  const underWay = new Set<Promise<Response>>();
  for (const route of routesOf(server)) {
    app.all(route.path, (context) =>
      respond(server, route, { request: context.req.raw, connection: context.env, id: context.req.param('id') ?? '' }),
    );
  }
  const nowhere: Route = { path: '(none)', methods: {} };
  app.notFound((context) => respond(server, nowhere, { request: context.req.raw, connection: context.env, id: '' }));
  return {
    fetch(request, connection = {}) {
      const response = Promise.resolve(app.fetch(request, connection));
      underWay.add(response);
      const forget = () => underWay.delete(response);
      response.then(forget, forget);
      return response;
    },
    start: () => server.store.ready(),
    async stop() {
      await Promise.allSettled(underWay);
      await server.background.settled();
    },
  };
}

/** Every path of the server. */
function routesOf({ settings: { prefix, issuer } }: ServerContext): Route[] {
  const jwks = { methods: { GET: showJwks } };
  const issuerPath = new URL(issuer).pathname.replace(/\/$/, '');
  const underIssuer = issuerPath === '' ? [] : [{ path: `${issuerPath}/.well-known/jwks.json`, ...jwks }];
  return [
    { path: `${prefix}/sign-up`, methods: { POST: signUp } },
    { path: `${prefix}/sign-in`, methods: { POST: signIn } },
    { path: `${prefix}/refresh`, methods: { POST: refresh } },
    { path: `${prefix}/sign-out`, methods: { POST: signOut } },
    { path: `${prefix}/password`, methods: { POST: changePassword } },
    { path: `${prefix}/password/forgot`, methods: { POST: forgotPassword } },
    { path: `${prefix}/password/reset`, methods: { POST: resetPassword } },
    { path: `${prefix}/verify`, methods: { POST: verifyEmail } },
    { path: `${prefix}/me`, methods: { GET: showMe, PATCH: changeMe } },
    { path: `${prefix}/sessions`, methods: { GET: listDevices } },
    { path: `${prefix}/sessions/:id`, methods: { DELETE: endDevice } },
    { path: '/.well-known/jwks.json', ...jwks },
    ...underIssuer,
    { path: '/healthz', methods: { GET: showHealth }, isOpen: true },
    { path: '/readyz', methods: { GET: showReadiness }, isOpen: true },
  ];
}
