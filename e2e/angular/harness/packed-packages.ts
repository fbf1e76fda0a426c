import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { inRepository } from './repository.js';
import { run } from './run.js';

/** What an Angular app installs: the adapter and what it needs. */
const names = ['protocol', 'client', 'angular'];

/** What the packages are made from. */
export const packageSources: readonly string[] = [
  inRepository('tsconfig.base.json'),
  ...names.flatMap((name) =>
    ['package.json', 'tsconfig.json', 'src'].map((part) => inRepository('packages', name, part)),
  ),
];

/** Compiles the packages and packs them into `folder`, as they would be published; gives the paths of the tarballs. */
export async function packPackages(folder: string): Promise<string[]> {
  const module = (path: string, ...args: string[]) =>
    run(process.execPath, [inRepository('node_modules', path), ...args], inRepository());
  await module('typescript/bin/tsc', '-b', inRepository('packages', 'client'));
  await module('@angular/compiler-cli/bundles/src/bin/ngc.js', '-p', inRepository('packages', 'angular'));
  const workspaces = names.map((name) => `--workspace=packages/${name}`);
  await run('npm', ['pack', '--silent', '--pack-destination', folder, ...workspaces], inRepository());
  return readdirSync(folder)
    .filter((file) => file.endsWith('.tgz'))
    .map((file) => join(folder, file));
}
