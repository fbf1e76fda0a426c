import { resolve } from 'node:path';
import * as v from 'valibot';
import { CommandError } from '../command-error.js';
import { definitions } from './definitions.js';
import type { Gathered } from './gather.js';
import { type RawSettings, settingsSchema } from './schema.js';

/** Settings, checked one by one, with paths made absolute. */
export interface CheckedSettings extends Omit<RawSettings, 'store' | 'keyFile'> {
  /** The SQLite file, or `:memory:`; `undefined` if no store was given. */
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
  const path = store?.slice('sqlite:'.length);
  return {
    ...rest,
    databasePath: path === undefined || path === ':memory:' ? path : resolve(folderOf('store'), path),
    keyFile: keyFile === undefined ? undefined : resolve(folderOf('keyFile'), keyFile),
  };
}

type Issue = v.InferIssue<typeof settingsSchema>;

function describe(issue: Issue, { sources, file }: Gathered): string {
  const path = v.getDotPath(issue) ?? '';
  if (issue.type === 'strict_object' && issue.expected === 'never') {
    return `${path} (from ${file}) is no setting. There are: ${definitions.map((one) => one.path).join(', ')}.`;
  }
  const name = path.replace(/\.\d+$/, '');
  return `${name} is ${show(issue.input)} (from ${sources.get(name) ?? file}): ${issue.message}`;
}

const show = (value: unknown): string => (value === undefined ? 'missing' : JSON.stringify(value));
