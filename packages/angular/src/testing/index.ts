import type { EnvironmentProviders } from '@angular/core';
import { inject } from '@angular/core';
import { type FakeSession, type FakeSessionOptions, fakeSession } from '@latchkey/client/testing';
import { provideSession } from '../provide-latchkey.js';
import { type LatchkeyFeature, PROVIDED } from '../provided.js';

/**
 * Provides a session in memory instead of `provideLatchkey`: signed in as `user`, or signed out without one. The
 * interceptor, the guards and `injectSession` work on it; requests go without a token, so that `HttpTestingController`
 * sees them as the app made them.
 * @example
 * TestBed.configureTestingModule({ providers: [provideLatchkeyTesting({ user: { id: '1', username: 'ada', profile: {} } })] });
 */
export const provideLatchkeyTesting = <Profile>(
  options: FakeSessionOptions<Profile> = {},
  ...features: readonly LatchkeyFeature[]
): EnvironmentProviders => provideSession((signedOut) => fakeSession({ ...options, onSignedOut: signedOut }), features);

/** Gives the session of `provideLatchkeyTesting`, for a test to move: `show({ online: false })`. Call it as `inject`. */
export const injectFakeSession = <Profile = unknown>(): FakeSession<Profile> =>
  inject(PROVIDED).session as FakeSession<Profile>;
