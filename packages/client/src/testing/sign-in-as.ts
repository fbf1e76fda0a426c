import { type User, ProtocolError, TransientError, milliseconds } from '@latchkey/protocol';
import { latchkey } from '../backends/latchkey.js';
import { dateTokens } from '../core/issued-tokens.js';
import { formatCopy } from '../core/parse-record.js';
import { applyChange } from '../core/session-record.js';
import type { Backend, BackendFactory, Credentials, WireAnswer, WireRequest } from '../ports.js';

/** What is needed of a Playwright page; its `Page` has it. */
export interface PageLike {
  addInitScript(script: (planted: Planted) => void, planted: Planted): Promise<unknown>;
  readonly request: {
    fetch(
      url: string,
      options: { method: string; headers: Record<string, string>; data?: string },
    ): Promise<{ status(): number; headers(): Record<string, string>; text(): Promise<string> }>;
  };
}

/** What is put where the app looks first. */
export interface Planted {
  readonly origin: string;
  readonly key: string;
  readonly text: string;
}

/** Whom to sign in, and where. */
export interface SignInAsOptions {
  /** An address of the app under test; nothing is written to other origins. */
  readonly app: string;
  /** The app's option `api` (the first, if several). */
  readonly api: string;
  /** The app's option `backend`; default `latchkey()`. */
  readonly backend?: BackendFactory;
  readonly credentials: Credentials;
  /** The app's option `name`; default `default`. */
  readonly name?: string;
}

/**
 * Signs a fresh browser context in without the login form: asks the real server for a session, and puts it where the
 * app finds it when the page is opened next. Call it before `page.goto`, in a context that had no session yet.
 * Gives the user, where the backend's answer has one.
 * @throws ProtocolError ERR_REJECTED when the server does not take the credentials; TransientError when it cannot be had
 */
export async function signInAs(page: PageLike, options: SignInAsOptions): Promise<User | undefined> {
  const { app, api, backend: factory = latchkey(), credentials, name = 'default' } = options;
  const backend = factory({ apiUrl: new URL(api, app).href.replace(/\/+$/, '') });
  const sentAt = milliseconds(Date.now());
  const tokens = readTokens(backend, await send(page, backend.signIn(credentials, undefined)));
  const { sessionId = crypto.randomUUID(), generation } = backend.position?.(tokens.refreshToken ?? '') ?? {};
  const { record } = applyChange(undefined, {
    kind: 'signed-in',
    endpoint: backend.endpoint,
    tokens: dateTokens(tokens, { sentAt, sessionId, generation }),
    tier: 'K',
    remember: true,
  });
  const planted = { origin: new URL(app).origin, key: `latchkey.${name}`, text: record ? formatCopy(record) : '' };
  await page.addInitScript(plant, planted);
  return tokens.user;
}

/** Runs in the page, by itself, at every load: only the first finds nothing there. */
function plant({ origin, key, text }: Planted): void {
  if (location.origin === origin && localStorage.getItem(key) === null) localStorage.setItem(key, text);
}

function readTokens(backend: Backend, answer: WireAnswer) {
  const verdict = backend.readTokens(answer);
  if (verdict.kind === 'success') return verdict.tokens;
  const { status } = answer;
  if (verdict.kind === 'transient') throw new TransientError(verdict.code, verdict.message);
  const error = verdict.kind === 'refused' ? verdict.error : undefined;
  throw new ProtocolError('ERR_REJECTED', `The server did not take the credentials (${status}).`, { status, error });
}

async function send(page: PageLike, { method, url, headers, body }: WireRequest): Promise<WireAnswer> {
  const isForm = body instanceof URLSearchParams;
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
  const data = isForm ? body.toString() : JSON.stringify(body ?? {});
  const answer = await page.request.fetch(url, { method, headers: { 'Content-Type': type, ...headers }, data });
  const answerHeaders = answer.headers();
  const text = await answer.text();
  return { status: answer.status(), body: parse(text), header: (name) => answerHeaders[name] };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
