import * as client from '@latchkey/client';
import { watchInactivity } from '@latchkey/client/inactivity';
import { simpleJwt } from '@latchkey/client/simple-jwt';
import * as transfer from '@latchkey/client/transfer';
import type { PageOptions } from './page-options.js';
import { opaqueBackend } from './opaque-backend.js';

/** The test page: an app's shortest possible start, and what a test wants to look at. */
export interface Lab {
  readonly session: client.Session;
  /** Every call of `onSignedOut`. */
  readonly signedOut: string[];
  readonly events: client.SessionEvent[];
  readonly snapshots: client.Snapshot[];
  /** What went wrong in the page without anybody catching it, at `start` too. */
  readonly errors: string[];
}

declare global {
  interface Window {
    readonly pageOptions: PageOptions | null;
    readonly latchkey: typeof client &
      typeof transfer & { readonly simpleJwt: typeof simpleJwt; readonly watchInactivity: typeof watchInactivity };
    readonly createLab: typeof createLab;
    readonly lab: Lab;
    /** What an app would log of an error: `CODE error: message`. */
    readonly errorText: typeof errorText;
    /** For tests to leave something behind in the page. */
    kept: unknown;
  }
}

/** Creates a session as an app would, and writes down all that it tells. */
function createLab({ backend, ...options }: PageOptions): Lab {
  const signedOut: string[] = [];
  const events: client.SessionEvent[] = [];
  const snapshots: client.Snapshot[] = [];
  const errors: string[] = [];
  addEventListener('error', ({ message }) => errors.push(message));
  addEventListener('unhandledrejection', ({ reason }) => errors.push(String(reason)));
  const session = client.createSession({
    ...options,
    ...(backend && { backend: backendOf(backend) }),
    onSignedOut: (reason) => signedOut.push(reason),
    onEvent: (event) => events.push(event),
  });
  session.subscribe((snapshot) => snapshots.push(snapshot));
  try {
    session.start();
  } catch (thrown) {
    errors.push(errorText(thrown));
  }
  return { session, signedOut, events, snapshots, errors };
}

function errorText(thrown: unknown): string {
  if (!client.isSessionError(thrown)) return String(thrown);
  const error = thrown.kind === 'protocol' && thrown.error !== undefined ? ` ${thrown.error}` : '';
  return `${thrown.code}${error}: ${thrown.message}`;
}

function backendOf(backend: NonNullable<PageOptions['backend']>): client.BackendFactory {
  if (backend.kind === 'simpleJwt') return simpleJwt(backend.options);
  return backend.kind === 'opaque' ? opaqueBackend(backend.url) : client.latchkey({ url: backend.url });
}

Object.assign(window, { latchkey: { ...client, ...transfer, simpleJwt, watchInactivity }, createLab, errorText });
if (window.pageOptions) Object.assign(window, { lab: createLab(window.pageOptions) });
