/**
 * Who is measured. `entry`: what an app imports, for the size; `driver`: the file that uses it in a page; `besides`: what
 * an app of that kind has anyway. `tabs`: whether its tabs can be set before a fair server (else `because`).
 */
export const contenders = [
  { name: 'bare fetch, token in localStorage', driver: 'bare' },
  {
    name: 'Latchkey',
    entry: "export { createSession } from '@latchkey/client'",
    driver: 'latchkey',
    tabs: true,
  },
  {
    name: 'angular-jwt',
    package: '@auth0/angular-jwt',
    entry: "export { JwtModule } from '@auth0/angular-jwt'",
    besides: /^(@angular|rxjs)/,
    because: 'never refreshes',
  },
  {
    name: 'better-auth',
    package: 'better-auth',
    entry: "export { createAuthClient } from 'better-auth/client'",
    because: 'a cookie, which its server renews: no token that the client could add or refresh',
  },
  {
    name: 'oidc-client-ts',
    package: 'oidc-client-ts',
    entry: "export { UserManager, WebStorageStateStore } from 'oidc-client-ts'",
    driver: 'oidc-client-ts',
    tabs: true,
  },
  {
    name: 'supertokens-website',
    package: 'supertokens-website',
    entry: "export { default as SuperTokens } from 'supertokens-website'",
    driver: 'supertokens-website',
    tabs: true,
  },
  {
    name: 'supabase auth-js',
    package: '@supabase/auth-js',
    entry: "export { AuthClient } from '@supabase/auth-js'",
    driver: 'supabase',
    tabs: true,
  },
  {
    name: 'firebase auth',
    package: '@firebase/auth',
    entry:
      "export { initializeApp } from '@firebase/app';" +
      "export { indexedDBLocalPersistence, initializeAuth, signInWithEmailAndPassword, signOut } from '@firebase/auth'",
    driver: 'firebase',
    tabs: true,
  },
  {
    name: 'auth0-spa-js',
    package: '@auth0/auth0-spa-js',
    entry: "export { Auth0Client } from '@auth0/auth0-spa-js'",
    driver: 'auth0-spa-js',
    tabs: true,
  },
  {
    name: 'msal-browser',
    package: '@azure/msal-browser',
    entry: "export { PublicClientApplication } from '@azure/msal-browser'",
    driver: 'msal-browser',
    because:
      "refreshes at an authority of Microsoft's or one that says the like, which no server of ours could play fairly",
  },
];

/** Those that can be used in a page. */
export const driven = contenders.filter(({ driver }) => driver);

/** What is put into a request's way, each beside what it would be without. */
export const senders = [
  { name: 'bare fetch, no token', driver: 'plain', floor: 'plain' },
  ...driven.map(({ name, driver }) => ({ name, driver, floor: 'plain' })),
  { name: 'Angular: HttpClient, no token', driver: 'angular-plain', floor: 'angular-plain' },
  { name: 'Angular: latchkeyInterceptor', driver: 'angular-latchkey', floor: 'angular-plain' },
  { name: 'Angular: angular-jwt', driver: 'angular-jwt', floor: 'angular-plain' },
];
