import { readFileSync, readdirSync } from 'node:fs';
import { inRoot } from '../bootstrap/root.mjs';
import { tool } from './tool.mjs';

/** The packages that are published, each as `{ folder, manifest }`. */
export function publishedPackages() {
  return readdirSync(inRoot('packages'))
    .map((name) => ({
      folder: `packages/${name}`,
      manifest: JSON.parse(readFileSync(inRoot('packages', name, 'package.json'), 'utf8')),
    }))
    .filter(({ manifest }) => !manifest.private);
}

/** For each published package: what `npm publish` would send must be complete (publint) and its types true (attw). */
export function packageSteps() {
  return publishedPackages().flatMap(({ folder, manifest }) => {
    const steps = [{ name: `publint ${manifest.name}`, run: () => tool('publint', [folder, '--strict']) }];
    // A package that is only a command has no types to be wrong.
    if (manifest.exports) {
      const run = () => tool('attw', ['--pack', folder, '--profile', 'esm-only', '--no-emoji', '--no-color']);
      steps.push({ name: `types of ${manifest.name}`, run });
    }
    return steps;
  });
}
