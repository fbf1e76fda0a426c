import { isIP } from 'node:net';
import type { Connection } from '../context.js';
import type { Settings } from '../options.js';
import { isLoopbackAddress, isLoopbackHost } from './loopback.js';

/** How a request came: `refused` is plain http from or to another machine. */
export type Transport = 'https' | 'http' | 'refused';

type Rules = Pick<Settings, 'trustProxy' | 'allowHttp'>;

/**
 * Judges how a request came. Plain http passes between two ends on this machine, or where the settings say so; a
 * proxy's word counts only where it is trusted.
 */
export function judgeTransport(request: Request, connection: Connection, rules: Rules): Transport {
  if (request.url.startsWith('https:')) return 'https';
  const stated = rules.trustProxy ? lastHop(request.headers.get('x-forwarded-proto')) : undefined;
  if (stated === 'https') return 'https';
  if (rules.allowHttp) return 'http';
  return stated === undefined && isLocal(request, connection, rules) ? 'http' : 'refused';
}

function isLocal({ url, headers }: Request, { remoteAddress }: Connection, { trustProxy }: Rules): boolean {
  const host = /^http:\/\/(\[[^\]]*\]|[^/:?#]*)/.exec(url)?.[1] ?? '';
  if (!isLoopbackHost(host) || (remoteAddress !== undefined && !isLoopbackAddress(remoteAddress))) return false;
  // A proxy on this machine makes every stranger look local; it usually says so.
  const hops = trustProxy ? [] : (headers.get('x-forwarded-for') ?? '').split(',').filter((hop) => hop.trim() !== '');
  return !headers.has('forwarded') && hops.every((hop) => isLoopbackAddress(hop.trim()));
}

/** The address that throttling and audit go by: the socket's, or what a trusted proxy says it saw. */
export function clientAddress(request: Request, connection: Connection, rules: Rules): string {
  const forwarded = rules.trustProxy ? lastHop(request.headers.get('x-forwarded-for')) : undefined;
  const address = forwarded ?? connection.remoteAddress ?? '';
  return isIP(address) === 0 ? 'unknown' : address.replace(/^::ffff:(?=\d+\.)/i, '');
}

/** Only the last entry was written by the proxy in front of us; what stands before it, anybody may have made up. */
function lastHop(header: string | null): string | undefined {
  const last = header?.split(',').at(-1)?.trim();
  return last === '' ? undefined : last;
}
