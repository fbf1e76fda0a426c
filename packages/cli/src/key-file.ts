import { closeSync, fstatSync, mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Keys, generateKeys, loadKeys } from '@latchkey/server';
import { CommandError, codeOf, exitCodes } from './command-error.js';
import { keysVariable } from './settings/definitions.js';

/** Where keys are looked for. */
export interface KeyPlaces {
  /** The content of a key file, from the environment. */
  readonly content: string | undefined;
  readonly keyFile: string | undefined;
  readonly databasePath: string | undefined;
  /** Makes keys where there are none: for development. */
  readonly makeMissing: boolean;
}

/**
 * Loads the keys: from the environment, from the key file, or from `keys.json` beside the database.
 * @throws CommandError when there are none, others can read them, or they cannot be used; no key is in a message
 */
export async function findKeys(places: KeyPlaces): Promise<Keys> {
  const { content, databasePath, makeMissing } = places;
  if (content !== undefined && content !== '') return loadKeys(parseKeys(content, keysVariable));
  const beside =
    databasePath === undefined || databasePath === ':memory:' ? undefined : join(dirname(databasePath), 'keys.json');
  const file = places.keyFile ?? beside;
  if (file !== undefined) return loadKeys(parseKeys(await readKeyFile(file, makeMissing), file));
  // A database in memory ends with the process, and so may its keys.
  if (makeMissing) return loadKeys(await generateKeys());
  throw new CommandError(
    'keyFile is missing: give --key-file PATH, LATCHKEY_KEY_FILE, or the content in LATCHKEY_KEYS.',
  );
}

async function readKeyFile(file: string, makeMissing: boolean): Promise<string> {
  let text = readPrivate(file);
  if (text === undefined && makeMissing) {
    await makeKeyFile(file);
    text = readPrivate(file);
  }
  if (text !== undefined) return text;
  throw new CommandError(
    `There is no key file at ${file}. Make one with \`latchkey init\`, or name it with --key-file.`,
  );
}

/** Makes a key file that only this account can read; leaves alone what is there. @throws CommandError when it cannot */
export async function makeKeyFile(file: string): Promise<void> {
  const text = `${JSON.stringify(await generateKeys(), undefined, 2)}\n`;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    writeFileSync(file, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return;
    throw new CommandError(
      `The key file ${file} cannot be written (${codeOf(error)}). Choose a folder that this account can write to.`,
      exitCodes.outside,
    );
  }
}

/** Reads a file and looks at its mode by one handle, so that it cannot be exchanged in between. */
function readPrivate(file: string): string | undefined {
  let handle: number;
  try {
    handle = openSync(file, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw new CommandError(
      `The key file ${file} cannot be read (${codeOf(error)}). It must belong to the account that runs latchkey.`,
      exitCodes.outside,
    );
  }
  try {
    const mode = fstatSync(handle).mode & 0o777;
    // Windows has no such modes and reports 0o666 for everything.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      throw new CommandError(
        `The key file ${file} can be read by others (mode 0${mode.toString(8)}): who has it can sign in as anybody. Run: chmod 600 ${file}`,
      );
    }
    return readFileSync(handle, 'utf8');
  } finally {
    closeSync(handle);
  }
}

function parseKeys(text: string, source: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // What JSON.parse says quotes the text, and the text is keys.
    throw new CommandError(
      `${source} does not hold JSON. Restore a copy, or make new keys with \`latchkey init\` (everybody has to sign in again).`,
    );
  }
}
