export { type AngularSession, injectSession } from './angular-session.js';
export { AuthorizedSrcPipe } from './authorized-src.js';
export { type ClaimPredicate, type SessionGuard, claimGuard, signedInGuard } from './guards.js';
export { LatchkeyInterceptor, latchkeyInterceptor } from './interceptor.js';
export { provideLatchkey, withInactivity, withLoginPage } from './provide-latchkey.js';
export type { InactivityTimes, LatchkeyFeature } from './provided.js';
export { SKIP_AUTH } from './skip-auth.js';
