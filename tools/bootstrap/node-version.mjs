import { KindError } from './kind-error.mjs';

/** The oldest Node that npm and the first steps need; everything after them runs on the pinned Node. */
const oldest = [20, 19];

/** @throws KindError when this Node is too old, with what to do. */
export function checkNodeVersion(version = process.versions.node) {
  const [major, minor] = version.split('.').map(Number);
  if (major > oldest[0] || (major === oldest[0] && minor >= oldest[1])) return;
  throw new KindError(
    `Node ${version} is too old: Latchkey needs ${oldest.join('.')} or newer to start.\n` +
      'Install the current LTS from https://nodejs.org (or: nvm install --lts), then run this again.',
  );
}
