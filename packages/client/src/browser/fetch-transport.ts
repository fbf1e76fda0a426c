import { parseStrictObject } from '@latchkey/protocol';
import type { Clock, Transport, WireAnswer, WireRequest } from '../ports.js';

/**
 * Sends the session's own requests by `fetch`: no cookies, no cache, no redirect (a token endpoint that redirects would
 * hand the refresh token on), and a bound on the whole exchange, body included.
 */
export function fetchTransport(timeoutSeconds: number, clock: Clock): Transport {
  return {
    async send(request) {
      const bound = new AbortController();
      const stop = clock.wake((timeoutSeconds * 1000) as ReturnType<Clock['now']>, () => bound.abort());
      try {
        const response = await fetch(request.url, { ...initOf(request), signal: bound.signal });
        return answerOf(response, await response.text());
      } catch {
        return { status: 0, failure: bound.signal.aborted ? 'timeout' : 'network' };
      } finally {
        stop();
      }
    },
  };
}

function initOf({ method, headers, body, keepalive = false }: WireRequest): RequestInit {
  const common = { method, keepalive, credentials: 'omit', cache: 'no-store', redirect: 'error' } as const;
  if (body === undefined) return { ...common, headers: { ...headers } };
  if (body instanceof URLSearchParams) return { ...common, headers: { ...headers }, body };
  return { ...common, headers: { 'Content-Type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

const answerOf = (response: Response, text: string): WireAnswer => ({
  status: response.status,
  body: parseStrictObject(text),
  header: (name) => response.headers.get(name) ?? undefined,
});
