import { isSecretParameter, type EpochSeconds } from '@latchkey/protocol';
import type { Connection, Endpoint, Route, ServerContext } from '../context.js';
import { BusyError, StoreUnavailableError } from '../errors.js';
import { cleanText, describeError, toLogLine } from '../events.js';
import { type Answer, OAuthError, badRequest, unavailable } from './answers.js';
import { readJsonBody } from './body.js';
import { corsHeaders, preflightHeaders, securityHeaders } from './headers.js';
import { clientAddress, judgeTransport, type Transport } from './transport.js';

/** A request and what is known of it before any check. */
interface Incoming {
  readonly server: ServerContext;
  readonly route: Route;
  readonly request: Request;
  readonly connection: Connection;
  readonly id: string;
  readonly requestId: string;
  readonly transport: Transport;
}

/**
 * Answers a request to a route: the checks that all endpoints share, the endpoint, and the headers that all answers
 * share. Never rejects: what goes wrong inside is a generic 500 or 503.
 */
export async function respond(
  server: ServerContext,
  route: Route,
  from: { request: Request; connection: Connection; id: string },
): Promise<Response> {
  const requestId = Buffer.from(server.random.bytes(9)).toString('base64url');
  const transport = judgeTransport(from.request, from.connection, server.settings);
  const incoming: Incoming = { ...from, server, route, requestId, transport };
  let answer: Answer;
  try {
    answer = await checkAndCall(incoming);
  } catch (error) {
    answer = answerTo(error, incoming);
  }
  return toResponse(answer, incoming);
}

async function checkAndCall({ server, route, request, connection, id, requestId, transport }: Incoming) {
  if (transport === 'refused' && !route.isOpen) throw refusePlainHttp();
  refuseSecretsInUrl(request.url);
  const methods = Object.keys(route.methods);
  if (request.method === 'OPTIONS' && methods.length > 0) return { status: 204, headers: preflightHeaders(methods) };
  const endpoint = pickEndpoint(route, request.method);
  const hasBody = request.method === 'POST' || request.method === 'PATCH';
  return endpoint({
    server,
    request,
    requestId,
    id,
    now: Math.floor(server.clock.now() / 1000) as EpochSeconds,
    body: hasBody ? await readJsonBody(request) : {},
    address: clientAddress(request, connection, server.settings),
    userAgent: cleanText(request.headers.get('user-agent') ?? ''),
  });
}

const refusePlainHttp = (): OAuthError =>
  new OAuthError(403, 'https_required', {
    description:
      'This came over plain http, so whatever it carried should be treated as known to others. Use https; behind a ' +
      'proxy that ends TLS, set trustProxy.',
  });

/** What stands in a URL ends in logs and histories: a secret there is refused even where it would do no harm. */
function refuseSecretsInUrl(url: string): void {
  const at = url.indexOf('?');
  if (at < 0) return;
  for (const [name, value] of new URLSearchParams(url.slice(at + 1))) {
    if (!isSecretParameter(name) && !/^(lko?1_|eyJ[\w-]+\.)/.test(value)) continue;
    const description = 'A token or password came in the URL. Send it in the body, and treat it as known to others.';
    throw badRequest(description, 'secret_in_url');
  }
}

function pickEndpoint(route: Route, method: string): Endpoint {
  const name = method === 'HEAD' ? 'GET' : method;
  const found = Object.entries(route.methods).find(([allowed]) => allowed === name)?.[1];
  if (found) return found;
  if (Object.keys(route.methods).length === 0) {
    throw new OAuthError(404, 'not_found', { description: 'There is nothing at this path.' });
  }
  const allow = [...Object.keys(route.methods), 'OPTIONS'].join(', ');
  throw new OAuthError(405, 'method_not_allowed', {
    description: `Use one of: ${allow}.`,
    headers: { Allow: allow },
  });
}

/** What is not a refusal is told to the log alone. */
function answerTo(error: unknown, { server, route, request, requestId }: Incoming): Answer {
  if (error instanceof OAuthError) return error.toAnswer(requestId);
  const line = { request_id: requestId, method: request.method, route: route.path, ...describeError(error) };
  if (error instanceof BusyError) return unavailable(error.message, error.retryAfterSeconds).toAnswer(requestId);
  if (error instanceof StoreUnavailableError) {
    const { error: cause } = describeError(error.cause);
    server.logger.error(toLogLine({ ...line, event: 'store_unavailable', reason: cause }), 'store_unavailable');
    return unavailable('The server cannot reach its database. Try again.').toAnswer(requestId);
  }
  server.logger.error(toLogLine({ ...line, event: 'server_error' }), 'server_error');
  const description = 'Something went wrong here. Try again; if it stays, report the request_id.';
  return new OAuthError(500, 'server_error', { description }).toAnswer(requestId);
}

function toResponse({ status, body, headers }: Answer, { server, request, requestId, transport }: Incoming): Response {
  const all: Record<string, string> = {
    ...securityHeaders(transport),
    ...corsHeaders(request.headers.get('origin'), server.settings),
    'X-Request-Id': requestId,
    ...headers,
  };
  if (body === undefined) return new Response(null, { status, headers: all });
  all['Content-Type'] = 'application/json';
  return new Response(JSON.stringify(body), { status, headers: all });
}
