import { createSession, latchkey } from '@latchkey/client';
import type { DemoSession, Profile } from './part.js';

/** The page's one session: the API and the token server are this page's own origin. */
export function openSession(on: { signedOut(reason: string): void; event(): void }): DemoSession {
  return createSession<Profile>({
    api: ['/api', '/auth'],
    backend: latchkey(),
    onSignedOut: (reason) => on.signedOut(reason),
    onEvent: () => on.event(),
  });
}
