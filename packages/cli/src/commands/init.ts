import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { problemsOf } from '@latchkey/server';
import { CommandError, codeOf, exitCodes } from '../command-error.js';
import { makeKeyFile } from '../key-file.js';
import { print } from '../say.js';
import { checkSettings } from '../settings/check.js';
import { gatherSettings } from '../settings/gather.js';

/** What `init` is told. */
export interface InitOptions {
  readonly flags: ReadonlyMap<string, unknown>;
  readonly cwd: string;
  /** The settings file to write. */
  readonly configFile: string;
}

const dataFolder = 'data';

/**
 * Writes a settings file and makes keys beside the database, both new: nothing that is there is changed.
 * @throws CommandError when a value is wrong or something is in the way
 */
export async function init({ flags, cwd, configFile }: InitOptions): Promise<void> {
  const config = resolve(cwd, configFile);
  const folder = dirname(config);
  const given = gatherSettings({ flags, env: {}, cwd, withoutFile: true });
  const { issuer, preset, allowOrigins, databasePath, store } = checkSettings(given);
  if (issuer === undefined)
    throw new CommandError('issuer is missing: give --issuer URL, the address that browsers will use.');
  const problems = problemsOf({ issuer, allowOrigins });
  if (problems.length > 0) throw new CommandError(problems.join('\n'));
  const database = databasePath ?? join(folder, dataFolder, 'latchkey.db');
  if (database === ':memory:')
    throw new CommandError(
      'store is ":memory:": a server that forgets all at its end needs no settings. Give sqlite:PATH.',
    );
  const keyFile = join(dirname(database), 'keys.json');
  for (const file of [config, keyFile]) {
    if (existsSync(file))
      throw new CommandError(
        `${file} is there already, and init changes nothing that is. Choose another --config or --store.`,
      );
  }
  const path = (file: string): string => relative(folder, file) || '.';
  const place = store?.kind === 'postgres' ? store.url : `sqlite:${path(database)}`;
  const settings = { issuer, store: place, keyFile: path(keyFile), preset, allowOrigins };
  await makeKeyFile(keyFile);
  ignoreInGit(dirname(keyFile), folder);
  write(config, `${JSON.stringify(settings, undefined, 2)}\n`);
  print(`Wrote ${config} and ${keyFile} (readable by you alone; keep a copy in a safe place).`);
  if (store?.kind === 'postgres') print('Give the password of the database in the environment, as PGPASSWORD.');
  print('Next: latchkey migrate, then latchkey serve.');
}

/** A folder of its own gets a .gitignore: keys and database belong in no repository. */
function ignoreInGit(folder: string, configFolder: string): void {
  const file = join(folder, '.gitignore');
  if (folder !== configFolder && !existsSync(file)) write(file, '*\n');
}

function write(file: string, text: string): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text, { flag: 'wx' });
  } catch (error) {
    throw new CommandError(
      `${file} cannot be written (${codeOf(error)}). Choose a folder that this account can write to.`,
      exitCodes.outside,
    );
  }
}
