import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

const advice =
  'No PostgreSQL server programs were found. Install PostgreSQL (Debian: apt-get install postgresql; macOS: brew ' +
  'install postgresql), or name the folder that holds initdb and postgres in LATCHKEY_POSTGRES.';

/** Where installers put a version each. */
const versionFolders: readonly (readonly [parent: string, name: RegExp, bin: string])[] = [
  ['/usr/lib/postgresql', /^\d+$/, 'bin'],
  ['/usr', /^pgsql-\d+$/, 'bin'],
  ['/opt/homebrew/opt', /^postgresql(@\d+)?$/, 'bin'],
  ['/usr/local/opt', /^postgresql(@\d+)?$/, 'bin'],
  ['/Applications/Postgres.app/Contents/Versions', /^\d+$/, 'bin'],
  ['C:\\Program Files\\PostgreSQL', /^\d+$/, 'bin'],
];

const extension = process.platform === 'win32' ? '.exe' : '';

/** Tells whether a folder holds the programs of a PostgreSQL server. */
const hasServer = (folder: string): boolean =>
  ['initdb', 'postgres'].every((name) => existsSync(join(folder, name + extension)));

/** Folders of one parent, the newest version first. */
function newestFirst([parent, name, bin]: (typeof versionFolders)[number]): string[] {
  if (!existsSync(parent)) return [];
  const versionOf = (folder: string): number => Number(/\d+/.exec(folder)?.[0] ?? 0);
  return readdirSync(parent)
    .filter((folder) => name.test(folder))
    .sort((a, b) => versionOf(b) - versionOf(a))
    .map((folder) => join(parent, folder, bin));
}

/**
 * Finds the folder with PostgreSQL's server programs: the one that LATCHKEY_POSTGRES names, else in PATH, else where
 * installers put them, newest version first.
 * @throws Error that says what to install, when there is none
 */
export function findPostgresBinaries(env: Readonly<Record<string, string | undefined>> = process.env): string {
  const named = env['LATCHKEY_POSTGRES'];
  if (named) {
    if (hasServer(named)) return named;
    throw new Error(`LATCHKEY_POSTGRES is "${named}", and that folder holds no initdb and postgres. ${advice}`);
  }
  const inPath = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  const found = [...inPath, ...versionFolders.flatMap(newestFirst)].find(hasServer);
  if (found === undefined) throw new Error(advice);
  // PATH may hold links to some of the programs; the others lie beside the real ones.
  return dirname(realpathSync(programIn(found, 'initdb')));
}

/** The full path of one of the programs. */
export const programIn = (folder: string, name: string): string => join(folder, name + extension);
