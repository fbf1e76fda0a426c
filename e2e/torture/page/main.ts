import { type BackendFactory, type Session, createSession, isSessionError, latchkey } from '@latchkey/client';
import { simpleJwt } from '@latchkey/client/simple-jwt';
import { setHidden } from './hiding.js';
import { oauthBackend } from './oauth-backend.js';
import type { Call, PageBackend, PageSettings, Told } from './told.js';

declare global {
  interface Window {
    readonly tortureSettings: PageSettings;
    /** Given by the test. */
    readonly tell: (told: Told) => Promise<void>;
    readonly torture: { readonly session: Session; readonly setHidden: typeof setHidden };
  }
}

const { api, backend, callUrl, betweenCalls, requestTimeoutSeconds } = window.tortureSettings;

// A page that goes away in the middle of it has nobody left to tell.
const tell = (told: Told): void => void window.tell(told).catch(() => undefined);

function backendOf(chosen: PageBackend): BackendFactory {
  if (chosen.kind === 'latchkey') return latchkey();
  return chosen.kind === 'simpleJwt' ? simpleJwt({ userUrl: chosen.userUrl }) : oauthBackend(chosen);
}

const session = createSession({
  api,
  backend: backendOf(backend),
  requestTimeoutSeconds,
  onSignedOut: (reason) => tell({ type: 'signed-out', reason, timeline: session.explain() }),
});
addEventListener('error', ({ message }) => tell({ type: 'error', message }));
addEventListener('unhandledrejection', ({ reason }) => tell({ type: 'error', message: String(reason) }));

/** Calls as an app does, one call after the other. Without a session there is nothing to call for. */
async function callAgainAndAgain(): Promise<void> {
  if (session.snapshot().status === 'signed-in') tell({ type: 'call', call: await call() });
  setTimeout(() => void callAgainAndAgain(), betweenCalls);
}

async function call(): Promise<Call> {
  const begun = Date.now();
  const outcome = await session.fetch(callUrl, { cache: 'no-store' }).then(read).catch(nameOf);
  const timeline = outcome === 'ok' ? [] : session.explain().slice(-20);
  return { begun, ended: Date.now(), outcome, expiresAt: session.snapshot().expiresAt, timeline };
}

async function read(response: Response): Promise<string> {
  await response.text();
  return response.ok ? 'ok' : `status ${response.status}`;
}

const nameOf = (thrown: unknown): string => (isSessionError(thrown) ? thrown.code : (thrown as Error).name);

session.start();
Object.assign(window, { torture: { session, setHidden } });
void callAgainAndAgain();
