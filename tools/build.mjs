import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { KindError } from './bootstrap/kind-error.mjs';
import { inRoot, root } from './bootstrap/root.mjs';
import { runCommand } from './bootstrap/run-command.mjs';

const stamp = inRoot('.cache', 'build-stamp');
const [bank, plain] = ['bank', 'plain'].map((name) => inRoot('examples', name));

/** Compiles the packages and builds the pages of the examples, unless nothing changed since the last time. */
export async function buildIfNeeded(say) {
  const sources = fingerprint();
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === sources && !missing().length) return;
  const done = say.begin('Building');
  const result = await build();
  if (result.code !== 0) {
    throw new KindError(`The build failed:\n\n${result.output}\nIf you changed nothing, please report this as a bug.`);
  }
  mkdirSync(inRoot('.cache'), { recursive: true });
  writeFileSync(stamp, sources);
  done();
}

/**
 * Runs `tsc -b`; all of it anew when something is missing, because it does not look for what it has once written. Then
 * Angular's own compiler, without which apps could not use what has a decorator.
 */
export async function compile() {
  const result = await runModule('typescript/bin/tsc', ['-b', ...(missing().length ? ['--force'] : [])]);
  if (result.code !== 0) return result;
  return runModule('@angular/compiler-cli/bundles/src/bin/ngc.js', ['-p', inRoot('packages', 'angular')]);
}

const runModule = (path, args, options) =>
  runCommand(process.execPath, [inRoot('node_modules', path), ...args], options);

/** Compiles everything, and then builds the pages of the examples. */
export async function build() {
  const compiled = await compile();
  if (compiled.code !== 0) return compiled;
  const { buildPage } = await fromPlain('build-page');
  await buildPage();
  return buildBank();
}

/** Builds the bank's app by Angular's own command, which takes more arguments. */
export const buildBank = (...args) =>
  runModule('@angular/cli/bin/ng.js', ['build', '--no-progress', ...args], {
    cwd: bank,
    env: { NG_CLI_ANALYTICS: 'false' },
  });

/** Loads a compiled file of an example's server side. */
export const fromPlain = (name) => load(plain, 'dist', 'server', `${name}.js`);
export const fromBank = (name) => load(bank, 'server', 'dist', `${name}.js`);

const load = (...path) => import(pathToFileURL(join(...path)).href);

/** Names, sizes and times of all that the build reads: compared, never interpreted. */
function fingerprint() {
  const hash = createHash('sha256');
  for (const file of [
    'package-lock.json',
    'tsconfig.json',
    'tsconfig.base.json',
    ...filesUnder('packages'),
    ...filesUnder('examples'),
  ]) {
    const { size, mtimeMs } = statSync(inRoot(file));
    hash.update(`${file}\n${size}\n${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function filesUnder(folder) {
  return readdirSync(inRoot(folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !/(^|[\\/])(dist|node_modules|\.latchkey|\.angular)[\\/]|\.test\.ts$|\.tsbuildinfo$/.test(file))
    .sort();
}

/** What the packages promise to export and is not there. */
function missing() {
  const targets = readdirSync(inRoot('packages')).flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(inRoot('packages', folder, 'package.json'), 'utf8'));
    return Object.values(manifest.exports || {}).map((entry) => join(inRoot('packages', folder), entry.default));
  });
  targets.push(join(plain, 'dist', 'server', 'demo.js'), join(plain, 'dist', 'page', 'main.js'));
  targets.push(join(bank, 'server', 'dist', 'start-bank.js'), join(bank, 'dist', 'app', 'browser', 'index.html'));
  return targets.filter((target) => !existsSync(target));
}
