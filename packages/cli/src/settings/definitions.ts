/** How the text of a flag or an environment variable becomes a value. */
export type Kind = 'text' | 'number' | 'number or off' | 'yes or no' | 'list';

/** One setting, in the three places where it can be given. */
export interface Definition {
  /** In the file; a dot stands for an object within. */
  readonly path: string;
  readonly env: string;
  /** As commander takes it. */
  readonly flag: string;
  readonly about: string;
  readonly kind: Kind;
}

const define = (path: string, [flag, kind]: readonly [string, Kind], about: string): Definition => ({
  path,
  env: `LATCHKEY_${(path.split('.').at(-1) ?? '').replace(/[A-Z]/g, '_$&').toUpperCase()}`,
  flag,
  about,
  kind,
});

/** Every setting of `serve`, each nameable in the file, the environment and on the command line. */
export const definitions: readonly Definition[] = [
  define('port', ['--port <number>', 'number'], 'where to listen; 0 takes any free port (default 4000)'),
  define('host', ['--host <address>', 'text'], 'address to listen on (default 127.0.0.1)'),
  define('store', ['--store <store>', 'text'], 'the database: sqlite:PATH or postgres://USER@HOST/DATABASE'),
  define('issuer', ['--issuer <url>', 'text'], 'the address of this server as browsers see it'),
  define('audience', ['--audience <text>', 'text'], 'claim aud of access tokens (default: the issuer)'),
  define('prefix', ['--prefix <path>', 'text'], 'where the endpoints stand (default /auth)'),
  define(
    'preset',
    ['--preset <name>', 'text'],
    'everyday (default): 15 min, 30 days, 1 year; bank: 5 min, 15 min, 12 h',
  ),
  define('allowOrigins', ['--allow-origin <url...>', 'list'], 'origins of the web apps that may call'),
  define(
    'keyFile',
    ['--key-file <path>', 'text'],
    'keys, readable by this account alone (default: keys.json beside the store)',
  ),
  define('lifetimes.accessSeconds', ['--access-seconds <number>', 'number'], 'lifetime of an access token'),
  define('lifetimes.idleSeconds', ['--idle-seconds <number>', 'number'], 'a session that is not used for so long ends'),
  define(
    'lifetimes.absoluteSeconds',
    ['--absolute-seconds <number>', 'number or off'],
    'a session ends after so long, or "off"',
  ),
  define(
    'smtpUrl',
    ['--smtp-url <url>', 'text'],
    'the mail server, as in smtps://mail.example.com; with a password only in the file or the environment',
  ),
  define('mailFrom', ['--mail-from <address>', 'text'], 'the sender of mails'),
  define('resetLink', ['--reset-link <url>', 'text'], "the app's page where a new password is chosen"),
  define('verifyLink', ['--verify-link <url>', 'text'], "the app's page that confirms an e-mail address"),
  define('trustProxy', ['--trust-proxy', 'yes or no'], 'believe X-Forwarded-For and -Proto of the proxy in front'),
  define('allowHttp', ['--allow-http', 'yes or no'], 'serve plain http to other machines: for a test network'),
  define('migrate', ['--migrate', 'yes or no'], 'bring the database up to date at start'),
  define('logLevel', ['--log-level <level>', 'text'], 'info (default), warn or error'),
  define('logFormat', ['--log-format <format>', 'text'], 'text (default in a terminal) or json'),
];

/** Keys in the environment instead of a file: the content of a key file. Never a flag: everybody can read those. */
export const keysVariable = 'LATCHKEY_KEYS';

/** The settings file, unless `--config` names it. */
export const configVariable = 'LATCHKEY_CONFIG';
