import type { Bearer, RequestGate } from './request-gate.js';

/** `fetch`, or anything with its shape. */
export type Fetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

/** One call of the app: what the rules judge, and then what is sent. */
interface Outgoing {
  readonly url: string;
  readonly headers: Headers;
  readonly signal: AbortSignal | undefined;
  readonly repeatable: boolean;
  /** Gives what sends it, once or twice, to the URL that was judged. Takes the body of a `Request`. */
  ready(url: string): Ready;
}

interface Ready {
  /** Those that are sent. */
  readonly headers: Headers;
  readonly send: (last: boolean) => Promise<Response>;
}

/**
 * Makes `fetch` with the request rules: the token where it belongs, one refresh and one repeat on a 401 that says that
 * the token is bad. With a fresh token `send` is called before this returns.
 * The app's own `Authorization` header is left alone. The function rejects as `fetch` does, and with
 * RequestRefusedError when nothing was sent; TransientError when no token is to be had now; SignedOutError
 * ERR_SESSION_CHANGED when another session began meanwhile.
 */
export function createFetch(gate: RequestGate, send: Fetch): Fetch {
  return async (input, init) => {
    const outgoing = read(input, init, send);
    const { headers, signal, repeatable } = outgoing;
    const entered = gate.enter({
      url: outgoing.url,
      skip: headers.get('skip'),
      authorised: headers.has('authorization'),
      strict: !repeatable,
      signal,
    });
    // With a fresh token nothing is waited for, not even a settled promise.
    const { url, bearer } = 'then' in entered ? await entered : entered;
    // What was judged is what is sent, even if the app changes a URL object or the page's address while it waits.
    const ready = outgoing.ready(url);
    ready.headers.delete('skip');
    return bearer ? sendTwice(gate, bearer, { ...ready, signal, repeatable }) : ready.send(true);
  };
}

/** By shape: a request may come from another frame. */
const isRequest = (input: RequestInfo | URL): input is Request => typeof input === 'object' && 'url' in input;

function read(input: RequestInfo | URL, init: RequestInit | undefined, send: Fetch): Outgoing {
  const body = init?.body;
  const repeatable = !(typeof body === 'object' && body !== null && 'getReader' in body);
  const headers = new Headers(init?.headers);
  if (!isRequest(input)) {
    const signal = init?.signal ?? undefined;
    const ready = (url: string): Ready => ({ headers, send: () => send(url, { ...init, headers }) });
    return { url: String(input), headers, signal, repeatable, ready };
  }
  return {
    url: input.url,
    headers: init?.headers ? headers : input.headers,
    signal: init?.signal ?? input.signal,
    repeatable,
    ready() {
      const request = new Request(input, init);
      return { headers: request.headers, send: (last) => send(last ? request : request.clone()) };
    },
  };
}

/** Sends with the token, and once more with the next one if the API refuses this one. */
async function sendTwice(
  gate: RequestGate,
  bearer: Bearer,
  { headers, signal, repeatable, send }: Ready & Pick<Outgoing, 'signal' | 'repeatable'>,
): Promise<Response> {
  const sendWith = async ({ accessToken }: Bearer, last: boolean): Promise<Response> => {
    headers.set('authorization', `Bearer ${accessToken}`);
    const response = await send(last);
    gate.check(bearer);
    return response;
  };
  const response = await sendWith(bearer, !repeatable);
  if (response.status !== 401) return response;
  const challenge = response.headers.get('www-authenticate') ?? undefined;
  const next = await gate.renew(bearer, { challenge, body: () => jsonOf(response), strict: !repeatable, signal });
  return next ? sendWith(next, true) : response;
}

const jsonOf = (response: Response): Promise<unknown> =>
  response
    .clone()
    .json()
    .catch(() => undefined);
