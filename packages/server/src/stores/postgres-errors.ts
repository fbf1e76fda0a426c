import { StoreUnavailableError } from '../errors.js';

/**
 * What an error of a statement means for it. `conflict`: nothing was written, and the same again may go through.
 * `lost`: so it may, and nobody knows whether the statement was carried out. `outage`: trying at once will not help.
 * `bug`: ours.
 */
export type Failure = 'conflict' | 'lost' | 'outage' | 'bug';

/** Finds the code that PostgreSQL, Node or OpenSSL gave; empty where there is none. */
export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** Serialization failure, deadlock, and a unique key that another transaction has just taken. */
const conflicts = new Set(['40001', '40P01', '23505']);

/** Of the server: shut down by an operator, crashed, starting up; of the socket: all that a failover looks like. */
const losses =
  /^(57P0[1-3]|08\d{3}|25006|EPIPE|ECONNRESET|ECONNREFUSED|ECONNABORTED|ENOTCONN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/;

/** What `pg` says in words alone. */
const lossesInWords = /Connection terminated unexpectedly|not queryable|Client was closed|Connection ended/;

/** Tells what an error means. Of the classes of SQLSTATE, 22, 23 and 42 are about what was asked: a bug of ours. */
export function classify(error: unknown): Failure {
  const code = codeOf(error);
  if (conflicts.has(code)) return 'conflict';
  if (losses.test(code) || (error instanceof Error && lossesInWords.test(error.message))) return 'lost';
  if (/^(0A|21|22|23|25|26|34|42)\w{3}$/.test(code) && !(code in remedies)) return 'bug';
  return isFromOutside(error, code) ? 'outage' : 'bug';
}

/** A mistake of ours throws a TypeError and the like, without a code. */
function isFromOutside(error: unknown, code: string): boolean {
  if (code !== '') return !code.startsWith('ERR_') || code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL');
  return error instanceof Error && error.constructor === Error;
}

const remedies: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nobody listens there. Is PostgreSQL running, and are host and port right?',
  ENOTFOUND: 'There is no such host. Is its name right?',
  EAI_AGAIN: 'The name of the host cannot be looked up now.',
  ENOENT: 'There is no such socket. Is PostgreSQL running, and is the folder right?',
  '28P01': 'The user or the password is wrong.',
  '28000': 'The user may not come in from here (pg_hba.conf), or there is no such user.',
  '3D000': 'There is no such database. Make it with createdb, or name another.',
  '42P01': 'A table is missing. Run `latchkey migrate`.',
  '42703': 'A column is missing. Run `latchkey migrate`.',
  '42501': 'The user may not do that there. Make the user the owner of the database or of a schema in it.',
  '3F000': 'There is no such schema to make tables in. Make it, or leave out search_path.',
  '53300':
    'All connections of the server are taken. Raise max_connections, or let fewer nodes connect; in code, poolSize too.',
  '25006': 'It takes no writes: it is a standby. Name the primary, or an address that follows it.',
  '57014': 'It took too long, and was given up. Is the server overloaded, or a lock held?',
  '55P03':
    'A table or row stays locked. Look in pg_stat_activity for a transaction that has been open for long, let it end, and try again.',
  '57P03': 'It is starting up or shutting down. Try again.',
  SELF_SIGNED_CERT_IN_CHAIN: 'Its certificate is signed by a CA unknown here. Add sslrootcert=FILE to the URL.',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'It signed its certificate itself. Add sslrootcert=FILE to the URL.',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'Its certificate is signed by a CA unknown here. Add sslrootcert=FILE to the URL.',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'Its certificate is signed by a CA unknown here. Add sslrootcert=FILE to the URL.',
  ERR_TLS_CERT_ALTNAME_INVALID: 'Its certificate is for another name. Use the name that stands in it.',
  CERT_HAS_EXPIRED: 'Its certificate has expired.',
};

/** What `pg` says in words alone, and what to do about it. */
const remediesInWords: readonly (readonly [RegExp, string])[] = [
  [/timeout exceeded when trying to connect/, 'No connection became free in time. Is the server overloaded?'],
  [/connection timeout/, 'It does not answer. Are host and port right, and does a firewall let us through?'],
  [/Query read timeout/, 'It did not answer in time.'],
  [/does not support SSL/, 'It speaks no TLS. Set it up there or, on a network of your own, use sslmode=disable.'],
  [/password must be a string|no password was provided/i, 'It asks for a password. Put it into the URL or PGPASSWORD.'],
];

/** Says what is wrong in words for whoever runs the server: no password, no parameter, no SQL. */
export function asOutage(error: unknown, address: string): StoreUnavailableError {
  if (error instanceof StoreUnavailableError) return error;
  const cause = error instanceof AggregateError ? (error.errors[0] as unknown) : error;
  const code = codeOf(cause);
  const words = cause instanceof Error ? cause.message : '';
  const remedy = remedies[code] ?? remediesInWords.find(([pattern]) => pattern.test(words))?.[1] ?? 'It failed.';
  return new StoreUnavailableError(`PostgreSQL at ${address}: ${remedy}${code && ` (${code})`}`, { cause });
}
