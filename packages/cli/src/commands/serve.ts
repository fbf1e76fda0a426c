import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import {
  type AuthServer,
  type AuthServerOptions,
  type Lifetimes,
  createAuthServer,
  problemsOf,
} from '@latchkey/server';
import { type Listening, listen } from '@latchkey/server/node';
import { CommandError, codeOf, exitCodes } from '../command-error.js';
import { findKeys } from '../key-file.js';
import { isLoopback } from '../loopback.js';
import { createLog } from '../log.js';
import { openMail } from '../open-mail.js';
import { type OpenedStore, openStore, requireReady } from '../open-store.js';
import { print } from '../say.js';
import type { CheckedSettings } from '../settings/check.js';
import { keysVariable } from '../settings/definitions.js';
import { untilStopped } from '../stopping.js';

/** What `serve` is told. */
export interface ServeOptions {
  readonly settings: CheckedSettings;
  /** Loopback alone; makes keys and database, believes any app on this machine. */
  readonly dev: boolean;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What to say once at start. */
  readonly warnings: readonly string[];
}

type ServerOptions = Omit<AuthServerOptions, 'issuer' | 'store' | 'keys' | 'logger'>;

/**
 * Serves until SIGTERM or SIGINT, then lets requests under way end. Prints `{"url": …}` as its one line of output.
 * @throws CommandError when a setting is wrong or unsafe, or something outside is in the way
 */
export async function serve(options: ServeOptions): Promise<void> {
  const { settings, dev, cwd, env } = options;
  if (dev) requireLoopback(settings.host);
  const databasePath = settings.databasePath ?? (dev ? resolve(cwd, '.latchkey/latchkey.db') : undefined);
  const format = settings.logFormat ?? (dev || process.stderr.isTTY ? 'text' : 'json');
  const logger = createLog({ level: settings.logLevel, format });
  const mail = openMail(settings, { dev, databasePath, log: (message) => logger.info(message) });
  const serverOptions = { ...readServerOptions(settings, dev), ...mail.options };
  requireSound(settings.issuer, dev, serverOptions);
  if (dev) makeFolder(databasePath);
  const keyPlaces = { content: env[keysVariable], keyFile: settings.keyFile, databasePath, makeMissing: dev };
  const keys = await findKeys(keyPlaces);
  const migrates = dev || settings.migrate;
  const place = settings.store ?? (databasePath === undefined ? undefined : { kind: 'sqlite', path: databasePath });
  const opened = openStore(place, migrates ? 'make it' : 'refuse');
  const { store, name } = opened;
  try {
    await prepare(opened, migrates);
    options.warnings.forEach((warning) => logger.warn(warning));
    await run(
      settings,
      (issuer) => createAuthServer({ ...serverOptions, issuer, store, keys, logger }),
      (listening) =>
        logger.info(
          { port: listening.port, issuer: settings.issuer ?? listening.url, store: name },
          dev ? 'serving for development, to this machine alone' : 'serving',
        ),
    );
    logger.info('stopped');
  } finally {
    mail.close();
    await store.close();
  }
}

/** Listens first: in development the issuer is the address that was bound. */
async function run(
  settings: CheckedSettings,
  makeServer: (issuer: string) => AuthServer,
  onListening: (listening: Listening) => void,
): Promise<void> {
  let start: (server: AuthServer) => void = () => undefined;
  const started = new Promise<AuthServer>((resolve) => (start = resolve));
  const front: AuthServer = {
    fetch: async (request, connection) => (await started).fetch(request, connection),
    start: async () => (await started).start(),
    stop: async () => (await started).stop(),
  };
  const listening = await bind(front, settings);
  start(makeServer(settings.issuer ?? listening.url));
  onListening(listening);
  const stopped = untilStopped();
  // Whoever reads this may stop us at once.
  print(JSON.stringify({ url: listening.url }));
  await stopped;
  await listening.close();
}

async function bind(server: AuthServer, { host, port }: CheckedSettings): Promise<Listening> {
  try {
    return await listen(server, { port, hostname: host });
  } catch (error) {
    const code = codeOf(error);
    const reasons: Readonly<Record<string, string>> = {
      EADDRINUSE: `Port ${port} on ${host} is taken, perhaps by another latchkey. Stop that one, or take any free port with --port 0.`,
      EACCES: `This account may not listen on port ${port}. Take one above 1023, as in --port 4000.`,
      EADDRNOTAVAIL: `${host} is no address of this machine. Leave --host out for 127.0.0.1, or give "0.0.0.0" for all.`,
      ENOTFOUND: `${host} is no address that this machine knows. Leave --host out for 127.0.0.1, or give "0.0.0.0" for all.`,
    };
    const reason = reasons[code];
    if (reason === undefined) throw error;
    throw new CommandError(reason, exitCodes.outside);
  }
}

function readServerOptions(settings: CheckedSettings, dev: boolean): ServerOptions {
  const { audience, prefix, preset, allowOrigins, trustProxy, allowHttp } = settings;
  return {
    ...(audience !== undefined && { audience }),
    ...(prefix !== undefined && { prefix }),
    preset,
    lifetimes: readLifetimes(settings.lifetimes),
    allowOrigins,
    allowLoopbackOrigins: dev,
    trustProxy,
    allowHttp,
  };
}

function readLifetimes({
  accessSeconds,
  idleSeconds,
  absoluteSeconds,
}: CheckedSettings['lifetimes']): Partial<Lifetimes> {
  return {
    ...(accessSeconds !== undefined && { accessSeconds }),
    ...(idleSeconds !== undefined && { idleSeconds }),
    ...(absoluteSeconds !== undefined && { absoluteSeconds }),
  };
}

/** What settings mean together is for the server to judge, before anything is opened or made. */
function requireSound(issuer: string | undefined, dev: boolean, options: ServerOptions): void {
  if (issuer === undefined && !dev) {
    throw new CommandError(
      'issuer is missing: give --issuer URL, the address that browsers use, as in https://auth.example.com. To try things on this machine, use --dev.',
    );
  }
  const problems = problemsOf({ ...options, issuer: issuer ?? 'http://127.0.0.1' });
  if (problems.length === 0) return;
  throw new CommandError(`The configuration is wrong.\n${problems.map((problem) => `  ${problem}`).join('\n')}`);
}

function requireLoopback(host: string): void {
  if (isLoopback(host)) return;
  throw new CommandError(
    `host is "${host}", and --dev serves this machine alone. Leave --host out, or leave --dev out and run \`latchkey init\`.`,
  );
}

function makeFolder(databasePath: string | undefined): void {
  if (databasePath === undefined || databasePath === ':memory:') return;
  const folder = dirname(databasePath);
  try {
    const isNew = mkdirSync(folder, { recursive: true, mode: 0o700 }) !== undefined;
    // Keys and people of a machine belong in no repository, and whoever tries things out has not thought of that yet.
    if (isNew) writeFileSync(join(folder, '.gitignore'), '*\n');
  } catch (error) {
    throw new CommandError(
      `The data folder ${folder} cannot be made (${codeOf(error)}). Give another place with --store sqlite:PATH.`,
      exitCodes.outside,
    );
  }
}

async function prepare(opened: OpenedStore, migrates: boolean): Promise<void> {
  if (migrates) await opened.store.migrate();
  await requireReady(opened);
}
