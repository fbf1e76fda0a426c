import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { serveOnLoopback } from '@latchkey/example-shared';

/** A token server that is not ours, and the API behind it, in one: opaque tokens, strict single use. */
export interface OpaqueServer {
  readonly url: string;
  /** How often a ticket was exchanged. */
  readonly renewals: number;
  /** What the API was sent as `Authorization`, in order. */
  readonly authorizations: (string | undefined)[];
  close(): Promise<void>;
}

/** What a test chooses about it. */
export interface OpaqueChoices {
  readonly expiresIn: number;
  /** What access tokens look like; default 32 random characters. */
  readonly accessToken?: (count: number) => string;
}

/** Starts one; anybody may enter. */
export async function startOpaqueServer({
  expiresIn,
  accessToken = () => randomUUID(),
}: OpaqueChoices): Promise<OpaqueServer> {
  const tickets = new Set<string>();
  const tokens = new Set<string>();
  const authorizations: (string | undefined)[] = [];
  const state = { url: '', renewals: 0, issued: 0 };

  const issue = () => {
    const access = accessToken(state.issued++);
    const ticket = randomUUID();
    tickets.add(ticket);
    tokens.add(access);
    return {
      status: 200,
      body: { access_token: access, refresh_token: ticket, token_type: 'bearer', expires_in: expiresIn },
    };
  };
  async function answer(request: IncomingMessage): Promise<{ status: number; body?: object; challenge?: string }> {
    if (request.method === 'OPTIONS') return { status: 204 };
    if (request.method === 'GET') return guarded(request.headers.authorization);
    const { ticket } = (await json(request)) as { ticket?: string };
    if (request.url === '/enter') return issue();
    const known = tickets.delete(ticket ?? '');
    if (request.url === '/leave') return { status: 204 };
    state.renewals++;
    return known ? issue() : { status: 403 };
  }
  function guarded(authorization: string | undefined) {
    authorizations.push(authorization);
    const known = tokens.has(authorization?.replace(/^Bearer /, '') ?? '');
    return known ? { status: 200, body: { welcome: true } } : { status: 401, challenge: 'Opaque' };
  }

  const { port, close } = await serveOnLoopback((request, response) => {
    void answer(request).then(({ status, body, challenge }) => {
      response.writeHead(status, {
        'access-control-allow-origin': request.headers.origin ?? '*',
        'access-control-allow-headers': 'authorization, content-type, idempotency-key',
        'access-control-expose-headers': 'WWW-Authenticate',
        'content-type': 'application/json',
        ...(challenge !== undefined && { 'www-authenticate': challenge }),
      });
      response.end(body && JSON.stringify(body));
    });
  });
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    get renewals() {
      return state.renewals;
    },
    authorizations,
    close,
  };
}
