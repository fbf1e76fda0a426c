import { RequestRefusedError, SignedOutError } from '@latchkey/protocol';
import type { Refusal, RequestRules } from './core/request-rules.js';

/** A token to send, and whose it is. */
export interface Bearer {
  readonly accessToken: string;
  /** Session and epoch: another one means another sign-in, perhaps another person. */
  readonly owner: string;
}

/** What requests need of a session. */
export interface RequestSession {
  /** The token, if it is fresh enough to be used at once. */
  current(): Bearer | undefined;
  /**
   * Waits for a token that is; `undefined` when signed out. `strict`: for a body that cannot be sent twice, so with a
   * wider margin. Aborting ends the wait and not the refresh.
   * @throws TransientError when there is none now; SignedOutError when the session ended meanwhile
   */
  token(options: { signal?: AbortSignal | undefined; strict?: boolean }): Promise<Bearer | undefined>;
  /**
   * Answers a 401: the current token if it is no longer the refused one, else the token after one refresh.
   * @throws SignedOutError ERR_SESSION_CHANGED when the owner is another; TransientError when the refresh failed
   */
  renewed(refused: Bearer, signal?: AbortSignal): Promise<Bearer>;
  /** The values that no URL may hold. */
  tokens(): readonly string[];
  /** Who is signed in now. */
  owner(): string | undefined;
  /** Reads a 401 as the backend does. */
  saysInvalidToken(challenge: string | undefined, body: () => Promise<unknown>): boolean | Promise<boolean>;
  /** Adds to the timeline. */
  note(type: string, reason?: string): void;
}

/** `fetch`, or anything with its shape. */
export type Fetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

/** The key under which a session lends its request rules to our own subpaths; registered, as copies of us may meet. */
export const sendingBy: unique symbol = Symbol.for('latchkey.sendingBy');

/** What a session has beside its public face: its rules over another way to send. */
export interface Sending {
  readonly [sendingBy]: (send: Fetch) => Fetch;
}

/** One call of the app, ready to be sent once or twice. */
interface Outgoing {
  readonly headers: Headers;
  readonly signal: AbortSignal | undefined;
  readonly repeatable: boolean;
  send(last: boolean): Promise<Response>;
}

/**
 * Makes `fetch` with the request rules: the token where it belongs, one refresh and one repeat on a 401 that says that
 * the token is bad. With a fresh token `fetch` is called before this returns.
 * The app's own `Authorization` header is left alone. The function rejects as `fetch` does, and with
 * RequestRefusedError when nothing was sent; TransientError when no token is to be had now; SignedOutError
 * ERR_SESSION_CHANGED when another session began meanwhile.
 */
export function createFetch(session: RequestSession, rules: RequestRules, ports: { readonly fetch: Fetch }): Fetch {
  const refuse = ({ code, message }: Refusal): never => {
    session.note('request_refused', code);
    throw new RequestRefusedError(code, message);
  };
  return async (input, init) => {
    const given = isRequest(input) ? input.url : String(input);
    const decision = rules.decide(given, session.tokens());
    if (decision.kind === 'refused') return refuse(decision);
    if (decision.warning) session.note('request_warned', decision.warning.code);
    // What was judged is what is sent, even if the app changes a URL object or the page's address while it waits.
    const outgoing = prepare(input, init, (target, settings) => ports.fetch(target ?? decision.url, settings));
    const { headers } = outgoing;
    const skip = rules.isSkip(headers.get('skip'));
    if (typeof skip === 'object') return refuse(skip);
    headers.delete('skip');
    const plain = skip || decision.kind === 'plain' || headers.has('authorization');
    return plain ? outgoing.send(true) : authorised(session, outgoing);
  };
}

/** By shape: a request may come from another frame. */
const isRequest = (input: RequestInfo | URL): input is Request => typeof input === 'object' && 'url' in input;

function prepare(
  input: RequestInfo | URL,
  init: RequestInit | undefined,
  send: (target: Request | undefined, settings?: RequestInit) => Promise<Response>,
): Outgoing {
  const body = init?.body;
  const repeatable = !(typeof body === 'object' && body !== null && 'getReader' in body);
  if (isRequest(input)) {
    const request = new Request(input, init);
    const { headers, signal } = request;
    return { headers, signal, repeatable, send: (last) => send(last ? request : request.clone()) };
  }
  const headers = new Headers(init?.headers);
  const settings = { ...init, headers };
  return { headers, signal: init?.signal ?? undefined, repeatable, send: () => send(undefined, settings) };
}

async function authorised(session: RequestSession, outgoing: Outgoing): Promise<Response> {
  const { signal, repeatable } = outgoing;
  const owner = session.owner();
  const first = (repeatable ? session.current() : undefined) ?? (await session.token({ signal, strict: !repeatable }));
  // What waited for one person is not sent for another, nor for nobody.
  if (owner !== undefined && first?.owner !== owner) throw sessionChanged();
  if (!first) return outgoing.send(true);
  const response = await sendAs(session, first, { outgoing, last: !repeatable });
  if (response.status !== 401 || !(await isRefusal(session, response))) return response;
  const next = await session.renewed(first, signal);
  if (!repeatable) throw new RequestRefusedError('ERR_BODY_NOT_REPLAYABLE', streamOnce);
  session.note('replayed');
  return sendAs(session, next, { outgoing, last: true });
}

async function sendAs(
  session: RequestSession,
  { accessToken, owner }: Bearer,
  { outgoing, last }: { outgoing: Outgoing; last: boolean },
): Promise<Response> {
  outgoing.headers.set('authorization', `Bearer ${accessToken}`);
  const response = await outgoing.send(last);
  if ((session.owner() ?? owner) !== owner) throw sessionChanged();
  return response;
}

const isRefusal = (session: RequestSession, response: Response): boolean | Promise<boolean> =>
  session.saysInvalidToken(response.headers.get('www-authenticate') ?? undefined, () =>
    response
      .clone()
      .json()
      .catch(() => undefined),
  );

const sessionChanged = (): SignedOutError =>
  new SignedOutError('ERR_SESSION_CHANGED', 'The session that this request belongs to is over: load the data again.');

const streamOnce =
  'The API refused the token, and the body is a stream, which cannot be sent twice. ' +
  'The token is renewed: call again with a new stream, or send a Blob.';
