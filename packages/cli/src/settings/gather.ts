import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { CommandError, codeOf } from '../command-error.js';
import { type Definition, type Kind, configVariable, definitions } from './definitions.js';

/** Where a value came from, for people. */
export type Sources = ReadonlyMap<string, string>;

/** What was given, with the strongest place first asked: flags, then environment, then file. */
export interface Gathered {
  readonly values: Record<string, unknown>;
  readonly sources: Sources;
  /** The settings file, whether there is one or not. */
  readonly file: string;
  /** Paths in values are relative to the file's folder where they came from it, else to the working folder. */
  readonly folderOf: (path: string) => string;
}

/** What settings are gathered from. */
export interface Places {
  /** Flags by setting path, as commander left them: texts, lists of texts, or true. */
  readonly flags: ReadonlyMap<string, unknown>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  /** The file named by `--config`. */
  readonly configFile?: string | undefined;
  /** Reads no file: there is none yet. */
  readonly withoutFile?: boolean;
}

/** Gathers the settings of all places. @throws CommandError when the file cannot be read */
export function gatherSettings(places: Places): Gathered {
  const { flags, env, cwd } = places;
  const named = places.configFile ?? env[configVariable];
  const file = resolve(cwd, named === undefined || named === '' ? 'latchkey.config.json' : named);
  const values: Record<string, unknown> = places.withoutFile ? {} : readConfig(file, Boolean(named));
  const sources = new Map<string, string>();
  const folders = new Map<string, string>();
  for (const definition of definitions) {
    const { path } = definition;
    const [value, source] = given(definition, flags, env);
    if (value !== undefined) put(values, path, value);
    sources.set(path, source ?? file);
    folders.set(path, source === undefined ? dirname(file) : cwd);
  }
  return { values, sources, file, folderOf: (path) => folders.get(path) ?? cwd };
}

function given(
  { path, env: name, flag, kind }: Definition,
  flags: ReadonlyMap<string, unknown>,
  env: Places['env'],
): [unknown, string | undefined] {
  const fromFlag = flags.get(path);
  if (fromFlag !== undefined) return [parse(fromFlag, kind), flag.split(' ')[0]];
  const fromEnv = env[name];
  return fromEnv === undefined || fromEnv === '' ? [undefined, undefined] : [parse(fromEnv, kind), name];
}

/** Reads a text as its kind; what cannot be read stays a text, and the schema says what it should have been. */
function parse(value: unknown, kind: Kind): unknown {
  if (typeof value !== 'string') return value;
  if (kind === 'list') return value.split(/[\s,]+/).filter((part) => part !== '');
  if (kind.startsWith('number') && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (kind === 'yes or no')
    return ({ true: true, '1': true, false: false, '0': false } as Record<string, unknown>)[value] ?? value;
  return value;
}

function put(values: Record<string, unknown>, path: string, value: unknown): void {
  const [first = '', second] = path.split('.');
  if (second === undefined) values[first] = value;
  else values[first] = { ...(values[first] as object | undefined), [second]: value };
}

function readConfig(file: string, isNamed: boolean): Record<string, unknown> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' && !isNamed) return {};
    throw new CommandError(
      `${file} cannot be read (${codeOf(error)}). Name another with --config, or make one with \`latchkey init\`.`,
    );
  }
  const value = parseJson(text, file);
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value };
  throw new CommandError(`${file} holds no object. It should look like {"issuer": "https://auth.example.com", …}.`);
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    // What JSON.parse says beside the place quotes the file, which may hold a password.
    const place = /line \d+ column \d+/.exec(error instanceof Error ? error.message : '');
    const where = place ? ` (${place[0]})` : '';
    throw new CommandError(`${file} is not JSON${where}. Mend it, or make a new one with \`latchkey init\`.`);
  }
}
