import { existsSync, readFileSync, rmSync } from 'node:fs';
import { inRoot } from './root.mjs';
import { KindError } from './kind-error.mjs';
import { runNpm } from './run-command.mjs';

/**
 * Installs the packages when they are not what package-lock.json says. What npm itself wrote down about
 * node_modules is compared, so that an installation by hand counts too.
 */
export async function installPackages(say) {
  if (isInstalled()) return;
  const done = say.begin('Installing packages (npm ci; the first time takes about half a minute)');
  let result = await runNpm(npmCi);
  if (result.code !== 0 && result.code !== 127) {
    // npm was seen to trip over its own half-made folders when its cache is shared; a clean start mends that.
    rmSync(inRoot('node_modules'), { recursive: true, force: true });
    result = await runNpm(npmCi);
  }
  if (result.code === 127) {
    throw new KindError(
      'npm was not found. It comes with Node: install Node from https://nodejs.org and run this again.',
    );
  }
  if (result.code !== 0) {
    throw new KindError(
      `npm ci failed:\n\n${result.output.trim()}\n\n` +
        'Check the network and the registry (npm ping), then run this again. A half-installed node_modules may be deleted.',
    );
  }
  done();
}

const npmCi = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];

/** Tells whether each package of the lock file is there in its version; those of other platforms may be absent. */
function isInstalled() {
  const wanted = packagesOf(inRoot('package-lock.json'));
  const present = packagesOf(inRoot('node_modules', '.package-lock.json'));
  if (!wanted || !present) return false;
  return Object.entries(wanted).every(([place, entry]) => {
    if (place === '') return true;
    const found = present[place];
    return found ? found.version === entry.version : Boolean(entry.optional);
  });
}

function packagesOf(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : undefined;
}
