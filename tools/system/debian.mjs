import { existsSync } from 'node:fs';
import { runCommand } from '../bootstrap/run-command.mjs';

let updated = false;

/** Tells whether packages can be installed here: as root, on Debian or what descends from it. */
export const canInstall = () => existsSync('/etc/debian_version') && process.getuid?.() === 0;

/** Installs Debian packages, fetching the lists once; gives `{ code, output }`. */
export async function aptInstall(packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  if (!updated) {
    const update = await runCommand('apt-get', ['update', '-q'], { env });
    if (update.code !== 0) return update;
    updated = true;
  }
  return runCommand('apt-get', ['install', '-q', '-y', '--no-install-recommends', ...packages], { env });
}
