import type { Call } from '../context.js';
import type { Answer } from '../http/answers.js';

/** GET /.well-known/jwks.json → the public keys. Cached for 5 minutes: shorter than any key's wait before it signs. */
export function showJwks({ server }: Call): Answer {
  return { status: 200, body: server.keys.jwks, headers: { 'Cache-Control': 'public, max-age=300' } };
}

/** GET /healthz → 200 while the process answers at all. */
export function showHealth(): Answer {
  return { status: 200, body: { status: 'ok' } };
}

/** GET /readyz → 200 while the database answers and has this version's shape; else 503. */
export async function showReadiness({ server }: Call): Promise<Answer> {
  await server.store.ready();
  return { status: 200, body: { status: 'ready' } };
}
