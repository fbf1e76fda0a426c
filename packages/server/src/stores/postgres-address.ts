import { readFileSync } from 'node:fs';
import { ConfigError } from '@latchkey/protocol';

/**
 * Its parts in order, with nothing in path and options that would end the password of a URL in which that is not encoded:
 * `postgres://u:12/x@h/db` has the host `u`, as URLs are read.
 */
const shape = /^postgres(ql)?:\/\/[^/?#]*(\/[^/?#@]*)?(\?[^#@]*)?$/i;

const example = 'postgres://USER:PASSWORD@HOST:5432/DATABASE';

/**
 * Shows a PostgreSQL URL without its password and options: for logs and messages.
 * @throws ConfigError ERR_CONFIG when it is none, or names a certificate file that cannot be read; no part of it is in
 * the message
 */
export function describePostgresUrl(url: string): string {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !shape.test(url) || !isDecodable(parsed)) {
    throw new ConfigError(
      `The store's URL is not one of PostgreSQL. It looks like ${example}; characters such as @ / ? # % : in user, password and options are written as %40 %2F %3F %23 %25 %3A.`,
    );
  }
  for (const name of ['sslrootcert', 'sslcert', 'sslkey']) requireReadable(name, parsed.searchParams.get(name));
  const { username, hostname, port, pathname, searchParams } = parsed;
  const user = username === '' ? '' : `${username}@`;
  // As `pg` reads them: an option is stronger than what stands before it, unless it is empty.
  const [host] = [searchParams.get('host'), hostname].filter(Boolean);
  const [atPort] = [searchParams.get('port'), port].filter(Boolean);
  return `postgres://${user}${[host, atPort].filter(Boolean).join(':')}${pathname}`;
}

/** `pg` decodes these when it first connects, and what it throws then is about no setting. */
function isDecodable({ username, password, pathname }: URL): boolean {
  try {
    return [username, password, pathname].map(decodeURIComponent).length > 0;
  } catch {
    return false;
  }
}

/** `pg` reads these at once, and what it throws has no name of the setting. */
function requireReadable(name: string, file: string | null): void {
  if (file === null || file === '' || file === 'system') return;
  try {
    readFileSync(file);
  } catch {
    throw new ConfigError(`The store's URL names ${name}=${file}, and that file cannot be read. Mend the path.`);
  }
}
