import { installPackages } from './install.mjs';
import { checkNodeVersion } from './node-version.mjs';
import { onPinnedNode } from './pinned-node.mjs';

/**
 * Brings a fresh clone to where the pinned Node and all packages are there. False: another process, on the pinned
 * Node, has done the rest, and this one has nothing more to do.
 */
export async function ready({ say, script }) {
  if (!process.env.LATCHKEY_RERUN) {
    checkNodeVersion();
    await installPackages(say);
  }
  return onPinnedNode(script, process.argv.slice(2));
}
