import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { KindError } from '../../tools/bootstrap/kind-error.mjs';
import { runNpm } from '../../tools/bootstrap/run-command.mjs';
import { peersFolder } from './bundles.mjs';

const read = (...path) => {
  const file = join(peersFolder, ...path);
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).packages : {};
};

/** Installs the peers in the versions of their own lock file, without their install scripts, unless they are there. */
export async function installPeers(say) {
  const present = read('node_modules', '.package-lock.json');
  const wanted = Object.entries(read('package-lock.json')).filter(([place]) => place !== '');
  if (wanted.every(([place, { version, optional }]) => optional || present[place]?.version === version)) return;
  const done = say.begin('Installing the peers (npm ci, 70 MB)');
  const { code, output } = await runNpm(['ci', '--ignore-scripts', '--loglevel=error'], { cwd: peersFolder });
  if (code !== 0) {
    throw new KindError(
      `npm ci failed in bench/client/peers:\n\n${output.trim()}\n\nCheck the network and the registry (npm ping).`,
    );
  }
  done();
}
