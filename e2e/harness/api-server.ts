import type { IncomingMessage, ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { serveOnLoopback, type MovableClock } from '@latchkey/example-shared';
import { createVerifier, VerifyError } from '@latchkey/verifier';

/** One request as the API got it. */
export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly bodyBytes: number;
  /** Whom the verifier took the caller for; `undefined` when it took nobody. */
  readonly subject: string | undefined;
  readonly status: number;
}

/** A small API behind the verifier. It remembers what it was sent. */
export interface ApiServer {
  readonly port: number;
  readonly received: Received[];
  /** Where `/redirect` leads. */
  redirectTo: string;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: string | Buffer;
}

/**
 * Starts the API. `GET /time` and `POST /echo` want a token, `/files/NAME` keeps what is PUT there, `/never` refuses
 * every token as invalid, `/forbidden` answers 401 without saying that the token is to blame, `/redirect` leads away, by 307 or `?status=`.
 */
export async function startApiServer(settings: {
  issuer: string;
  jwksUrl: string;
  clock: MovableClock;
  allowOrigin: string;
  /** Default that of the verifier. */
  clockToleranceSeconds?: number;
}): Promise<ApiServer> {
  const { allowOrigin, ...ofVerifier } = settings;
  const verifier = createVerifier(ofVerifier);
  const files = new Map<string, { type: string; bytes: Buffer }>();
  const api: ApiServer = { port: 0, received: [], redirectTo: '', close: () => Promise.resolve() };

  async function answer(request: IncomingMessage): Promise<Answer> {
    if (request.method === 'OPTIONS') return { status: 204 };
    const bytes = await buffer(request);
    const { subject, refusal } = await whoIs(request);
    const reply = refusal ?? respond(request, bytes);
    const { method = '', url = '', headers } = request;
    api.received.push({ method, url, headers, bodyBytes: bytes.length, subject, status: reply.status });
    return reply;
  }

  async function whoIs(request: IncomingMessage): Promise<{ subject?: string; refusal?: Answer }> {
    if (request.url?.startsWith('/public')) return {};
    try {
      const { claims } = await verifier.verify(request);
      return { subject: claims.sub };
    } catch (error) {
      if (!(error instanceof VerifyError)) throw error;
      return {
        refusal: { status: error.status, headers: { ...error.headers }, body: JSON.stringify({ error: error.code }) },
      };
    }
  }

  function respond(request: IncomingMessage, bytes: Buffer): Answer {
    const { pathname: path, searchParams } = new URL(request.url ?? '/', 'http://api');
    if (path === '/never') return { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } };
    if (path === '/forbidden') return { status: 401 };
    if (path === '/redirect') {
      return { status: Number(searchParams.get('status') ?? 307), headers: { location: api.redirectTo } };
    }
    if (path === '/echo') return { status: 200, headers: typed(request.headers['content-type'] ?? ''), body: bytes };
    if (path.startsWith('/files/')) return file(request, path, bytes);
    return { status: 200, headers: typed('application/json'), body: JSON.stringify({ now: settings.clock.now() }) };
  }

  function file(request: IncomingMessage, path: string, bytes: Buffer): Answer {
    if (request.method === 'PUT') {
      files.set(path, { type: request.headers['content-type'] ?? 'application/octet-stream', bytes });
      return { status: 204 };
    }
    const kept = files.get(path);
    return kept ? { status: 200, headers: typed(kept.type), body: kept.bytes } : { status: 404 };
  }

  const { port, close } = await serveOnLoopback((request, response) => {
    answer(request).then(
      (reply) => write(response, reply, allowOrigin),
      () => request.socket.destroy(),
    );
  });
  return Object.assign(api, { port, close });
}

const typed = (type: string): Record<string, string> => ({ 'content-type': type });

function write(response: ServerResponse, { status, headers, body }: Answer, allowOrigin: string): void {
  response.writeHead(status, {
    'access-control-allow-origin': allowOrigin,
    'access-control-allow-headers': 'authorization, content-type, x-kept',
    'access-control-allow-methods': 'GET, POST, PUT, DELETE',
    'access-control-expose-headers': 'WWW-Authenticate',
    'access-control-max-age': '600',
    ...headers,
  });
  response.end(body);
}
