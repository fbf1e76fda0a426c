import { readFileSync } from 'node:fs';
import { Command, CommanderError, Option } from 'commander';
import { StoreUnavailableError } from '@latchkey/server';
import { isSessionError } from '@latchkey/protocol';
import { CommandError, exitCodes } from './command-error.js';
import { init } from './commands/init.js';
import { migrate } from './commands/migrate.js';
import { listSessions, revokeAllSessions, revokeSessions } from './commands/sessions.js';
import { serve } from './commands/serve.js';
import { addUser } from './commands/users.js';
import { printable, tell } from './say.js';
import { checkSettings, type CheckedSettings } from './settings/check.js';
import { definitions } from './settings/definitions.js';
import { gatherSettings } from './settings/gather.js';
import { unknownVariables } from './settings/unknown-variables.js';

type Options = Record<string, unknown>;

/** Runs one command line (without `node` and the script) and gives the exit code. */
export async function runProgram(argv: readonly string[]): Promise<number> {
  try {
    await makeProgram().parseAsync(argv, { from: 'user' });
    return exitCodes.ok;
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): number {
  // Commander has printed what it had to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  if (error instanceof CommandError) return complain(error.message, error.exitCode);
  if (isSessionError(error) && error.kind === 'config') return complain(error.message, exitCodes.usage);
  if (error instanceof StoreUnavailableError) return complain(error.message, exitCodes.outside);
  return complain(
    `This should not have happened, please report it.\n${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    exitCodes.bug,
  );
}

function complain(message: string, exitCode: number): number {
  tell(`latchkey: ${message}`);
  return exitCode;
}

function makeProgram(): Command {
  const program = new Command('latchkey')
    .description('The Latchkey token server: keeps people signed in to single-page apps.')
    .version(readVersion())
    .exitOverride()
    .showHelpAfterError('(--help shows what there is)');
  addServe(program);
  addInit(program);
  withStoreOptions(
    program.command('migrate').description('bring the database up to date; makes it if there is none'),
  ).action((options: Options) => migrate(read(options).store));
  addUsers(program.command('users').description('user accounts'));
  addSessions(program.command('sessions').description('who is signed in where'));
  return program;
}

function readVersion(): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  return manifest.version;
}

function withSettings(command: Command, paths?: readonly string[]): Command {
  for (const { path, flag, about } of definitions) {
    if (!paths || paths.includes(path)) command.addOption(new Option(flag, about));
  }
  return command;
}

const configOption = (): Option =>
  new Option('--config <file>', 'settings file (default latchkey.config.json, if there is one)');
const withStoreOptions = (command: Command): Command => withSettings(command.addOption(configOption()), ['store']);

const flagsOf = (options: Options): ReadonlyMap<string, unknown> =>
  new Map(definitions.map(({ path, flag }) => [path, options[new Option(flag).attributeName()]]));

function read(options: Options): CheckedSettings {
  const { env } = process;
  const configFile = options['config'] as string | undefined;
  return checkSettings(gatherSettings({ flags: flagsOf(options), env, cwd: process.cwd(), configFile }));
}

function addServe(program: Command): void {
  const command = program.command('serve').description('run the server; prints {"url": …} and logs to standard error');
  withSettings(command.addOption(configOption()))
    .option('--dev', 'for development: this machine alone, keys and database are made')
    .action((options: Options) =>
      serve({
        settings: read(options),
        dev: options['dev'] === true,
        cwd: process.cwd(),
        env: process.env,
        warnings: unknownVariables(process.env),
      }),
    );
}

function addInit(program: Command): void {
  const command = program.command('init').description('write a settings file and make keys');
  withSettings(command, ['issuer', 'store', 'preset', 'allowOrigins'])
    .option('--config <file>', 'the file to write', 'latchkey.config.json')
    .action((options: Options) =>
      init({ flags: flagsOf(options), cwd: process.cwd(), configFile: options['config'] as string }),
    );
}

function addUsers(users: Command): void {
  withStoreOptions(
    users.command('add').description('add a user; the password is asked for, or read from standard input'),
  )
    .argument('<name>')
    .addOption(new Option('--password [password]').hideHelp())
    // Commander would repeat what is too much, and that may be a password.
    .allowExcessArguments()
    .action(async (name: string, options: Options, { args }: Command) => {
      if (options['password'] !== undefined || args.length > 1) {
        throw new CommandError(
          'Passwords are not taken from the command line, where every process of the machine can read them. Leave it out and type it, or pipe it in. If this one is in use, change it.',
        );
      }
      await addUser(read(options).store, name);
    });
}

function addSessions(sessions: Command): void {
  withStoreOptions(sessions.command('list').description("a user's sessions"))
    .argument('<name>')
    .option('--json', 'JSON lines')
    .action((name: string, options: Options) =>
      listSessions(read(options).store, name, { json: options['json'] === true }),
    );
  withStoreOptions(sessions.command('revoke').description('end sessions by id, or all of a user'))
    .argument('[id...]')
    .option('--user <name>', 'all sessions of this user')
    // One id in 64 begins with a hyphen.
    .allowUnknownOption()
    .action((ids: string[], options: Options) => {
      const { store } = read(options);
      const unknown = ids.find((id) => id.startsWith('-') && !/^[\w-]{22}$/.test(id));
      if (unknown !== undefined) throw new CommandError(`There is no option ${printable(unknown)}. See \`--help\`.`);
      const user = options['user'];
      if (typeof user === 'string' && ids.length === 0) return revokeAllSessions(store, user);
      if (user === undefined && ids.length > 0) return revokeSessions(store, ids);
      throw new CommandError(
        `Give session ids, or --user NAME${ids.length > 0 ? `, not both (${ids.map(printable).join(', ')})` : ''}.`,
      );
    });
}
