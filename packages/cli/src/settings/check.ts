import { resolve } from 'node:path';
import * as v from 'valibot';
import { CommandError } from '../command-error.js';
import { definitions } from './definitions.js';
import type { Gathered } from './gather.js';
import { type RawSettings, settingsSchema } from './schema.js';
import { readSmtpUrl } from './smtp-url.js';

/** Where the database is. */
export type StorePlace =
  /** A path that is absolute, or `:memory:`. */
  | { readonly kind: 'sqlite'; readonly path: string }
  /** May hold a password. */
  | { readonly kind: 'postgres'; readonly url: string };

/** Settings, checked one by one, with paths made absolute. */
export interface CheckedSettings extends Omit<RawSettings, 'store' | 'keyFile'> {
  readonly store: StorePlace | undefined;
  /** The SQLite file, or `:memory:`, which other files lie beside; `undefined` for another store or none. */
  readonly databasePath: string | undefined;
  readonly keyFile: string | undefined;
}

/**
 * Checks settings one by one.
 * @throws CommandError with a line for each that is wrong: the setting, its value, where it came from, and the fix
 */
export function checkSettings(gathered: Gathered): CheckedSettings {
  const { values, folderOf } = gathered;
  const result = v.safeParse(settingsSchema, values);
  if (!result.success) {
    const lines = result.issues.map((issue) => describe(issue, gathered));
    throw new CommandError(`The configuration is wrong.\n${[...new Set(lines)].map((line) => `  ${line}`).join('\n')}`);
  }
  const { store, keyFile, ...rest } = result.output;
  refusePasswordInArguments(rest.smtpUrl, gathered);
  const place = store === undefined ? undefined : readStore(store, gathered);
  return {
    ...rest,
    store: place,
    databasePath: place?.kind === 'sqlite' ? place.path : undefined,
    keyFile: keyFile === undefined ? undefined : resolve(folderOf('keyFile'), keyFile),
  };
}

/** @throws CommandError when a password is where every process of the machine can read it */
function readStore(store: string, { sources, folderOf }: Gathered): StorePlace {
  if (store.startsWith('sqlite:')) {
    const path = store.slice('sqlite:'.length);
    return { kind: 'sqlite', path: path === ':memory:' ? path : resolve(folderOf('store'), path) };
  }
  const { password, searchParams } = new URL(store);
  const hasPassword = password !== '' || searchParams.has('password');
  if (!hasPassword || sources.get('store') !== '--store') return { kind: 'postgres', url: store };
  throw new CommandError(
    'store has a password, and comes from the command line, where every process of the machine can read it. Give the URL as LATCHKEY_STORE, or leave the password out of it and give that alone as PGPASSWORD. If it is in use, change it.',
  );
}

function refusePasswordInArguments(smtpUrl: string | undefined, { sources }: Gathered): void {
  if (smtpUrl === undefined || sources.get('smtpUrl') !== '--smtp-url' || !readSmtpUrl(smtpUrl)?.auth) return;
  throw new CommandError(
    'smtpUrl has a password, and comes from the command line, where every process of the machine can read it. Give it as LATCHKEY_SMTP_URL or in the settings file. If it is in use, change it.',
  );
}

type Issue = v.InferIssue<typeof settingsSchema>;

function describe(issue: Issue, { sources, file }: Gathered): string {
  const path = v.getDotPath(issue) ?? '';
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return `${path} (from ${file}) is no setting. There are: ${definitions.map((one) => one.path).join(', ')}.`;
  }
  const name = path.replace(/\.\d+$/, '');
  const isPlain = typeof issue.input === 'string' && !/:\/\/|@/.test(issue.input);
  const mayBeSecret = name === 'smtpUrl' || (name === 'store' && !isPlain);
  const value = mayBeSecret ? 'not shown, since it may hold a password' : show(issue.input);
  return `${name} is ${value} (from ${sources.get(name) ?? file}): ${issue.message}`;
}

const show = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value));
