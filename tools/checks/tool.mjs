import { readFileSync } from 'node:fs';
import { inRoot } from '../bootstrap/root.mjs';
import { runCommand } from '../bootstrap/run-command.mjs';

/** The package of a command that is not named as its package is. */
const packageOf = { tsc: 'typescript', attw: '@arethetypeswrong/cli', depcruise: 'dependency-cruiser' };

/** Runs a command of an installed package on this very Node: no shell and no search of PATH. */
export function tool(name, args, options) {
  const folder = inRoot('node_modules', packageOf[name] || name);
  const { bin } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  return runCommand(process.execPath, [`${folder}/${typeof bin === 'string' ? bin : bin[name]}`, ...args], options);
}
