import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tempFolder } from '../../harness/temp-folder.js';
import { guide, makeGuideApp } from './guide-app.js';
import { linkTree } from './link-tree.js';
import { packPackages, packageSources } from './packed-packages.js';
import { fingerprint, inApps, inRepository } from './repository.js';
import { run } from './run.js';

/** A line of Angular, as `apps/` names it: an install with its own versions. */
export type AngularLine = 'v21' | 'v22';

/** What `ng build` made of an app. */
export interface BuiltApp {
  /** What is served to browsers. */
  readonly browser: string;
  /** What renders on a server, in the app that does so. */
  readonly server: string;
  /** All that the build printed. */
  readonly log: string;
}

/** The builds of each line: what `ng build` is told, by the name of the result. */
const builds: Record<AngularLine, Record<string, readonly string[]>> = {
  v22: {
    standalone: ['standalone'],
    development: ['standalone', '--configuration', 'development'],
    modules: ['modules'],
    ssr: ['ssr'],
  },
  v21: { standalone: ['standalone'] },
};

const sourcesOfApps = ['standalone', 'modules', 'ssr'];

/** How long a clean machine may take to build: for `beforeAll`. */
export const buildTimeout = 240_000;

/**
 * Gives a fixture app, built against the packed packages outside the repository. What was built before from the same
 * sources lies in `.cache/angular-apps`. A clean machine needs the network for `npm install`; nothing else does.
 * @throws Error with what a command printed, when it fails
 */
export async function builtApp(line: AngularLine, name: string): Promise<BuiltApp> {
  const apps = [line, ...sourcesOfApps].map((folder) => inApps(folder));
  const sources = fingerprint([...packageSources, ...apps, guide, fileURLToPath(import.meta.url)]);
  const built = inCache(`${line}-built-${sources}`);
  if (!existsSync(built)) await build(line, built);
  const folder = join(built, name);
  const log = readFileSync(join(folder, 'build.log'), 'utf8');
  return { browser: join(folder, 'browser'), server: join(folder, 'server'), log };
}

const inCache = (name: string): string => inRepository('.cache', 'angular-apps', name);

async function build(line: AngularLine, target: string): Promise<void> {
  const folder = tempFolder();
  try {
    const app = await install(line, folder.path);
    for (const project of sourcesOfApps) cpSync(inApps(project), join(app, project), { recursive: true });
    for (const [name, args] of Object.entries(builds[line])) await ngBuild(app, args, join(app, 'dist', name));
    // Last, because it takes the installed packages along.
    if (line === 'v22') await ngBuild(await makeGuideApp(app), [], join(app, 'dist', 'guide'));
    replace(`${line}-built-`, target, join(app, 'dist'));
  } finally {
    folder.remove();
  }
}

async function ngBuild(app: string, args: readonly string[], output: string): Promise<void> {
  const ng = join(app, 'node_modules', '@angular', 'cli', 'bin', 'ng.js');
  const log = await run(process.execPath, [ng, 'build', ...args, '--output-path', output], app);
  writeFileSync(join(output, 'build.log'), log);
}

/** Installs the line with the packed packages into `folder`, and gives the app's folder. */
async function install(line: AngularLine, folder: string): Promise<string> {
  const [app, installed] = [join(folder, 'app'), inCache(`${line}-installed-${fingerprint([inApps(line)])}`)];
  cpSync(inApps(line), app, { recursive: true });
  if (existsSync(installed)) linkTree(installed, join(app, 'node_modules'));
  else {
    await npmInstall(app);
    replace(`${line}-installed-`, installed, join(app, 'node_modules'));
  }
  await npmInstall(app, ...(await packPackages(folder)));
  return app;
}

const npmInstall = (app: string, ...tarballs: string[]): Promise<string> =>
  run('npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs], app);

/** Puts a folder into the cache in place of its elders, whole or not at all. */
function replace(prefix: string, target: string, made: string): void {
  mkdirSync(inCache('.'), { recursive: true });
  const elders = readdirSync(inCache('.')).filter((name) => name.startsWith(prefix));
  for (const name of elders) rmSync(inCache(name), { recursive: true, force: true });
  const half = `${target}-${process.pid}`;
  linkTree(made, half);
  renameSync(half, target);
}
