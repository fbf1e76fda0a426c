import type { Settings } from '../options.js';
import { isLoopbackHost } from './loopback.js';
import type { Transport } from './transport.js';

type Headers = Readonly<Record<string, string>>;
type Rules = Pick<Settings, 'allowOrigins' | 'allowLoopbackOrigins'>;

const always: Headers = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  Vary: 'Origin',
};

/** Browsers ignore it on plain http, so it is sent with https alone. @see RFC 6797 §7.2 */
const overHttps: Headers = { ...always, 'Strict-Transport-Security': 'max-age=31536000' };

/** Headers of every answer. */
export function securityHeaders(transport: Transport): Headers {
  return transport === 'https' ? overHttps : always;
}

/** What lets an allowed origin's scripts read an answer; nothing for any other. No cookies, so no credentials. */
export function corsHeaders(origin: string | null, rules: Rules): Headers {
  if (origin === null || !isAllowedOrigin(origin, rules)) return {};
  return {
    'Access-Control-Allow-Origin': origin,
    'Access-Control-Expose-Headers': 'DPoP-Nonce, WWW-Authenticate, Retry-After',
  };
}

/** Further headers of the answer to a preflight request. */
export function preflightHeaders(methods: readonly string[]): Headers {
  return {
    'Access-Control-Allow-Methods': methods.join(', '),
    'Access-Control-Allow-Headers': 'Authorization, DPoP, Idempotency-Key, Content-Type',
    'Access-Control-Max-Age': '7200',
  };
}

function isAllowedOrigin(origin: string, { allowOrigins, allowLoopbackOrigins }: Rules): boolean {
  if (allowOrigins.has(origin)) return true;
  if (!allowLoopbackOrigins || !URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.origin === origin && isLoopbackHost(url.hostname);
}
