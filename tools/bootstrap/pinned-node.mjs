import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { inRoot } from './root.mjs';
import { KindError } from './kind-error.mjs';

/** The Node that package.json pins, without the `v`. */
const pinnedVersion = JSON.parse(readFileSync(inRoot('package.json'), 'utf8')).devDependencies.node;

/**
 * Makes the rest run on the pinned Node: true when it already does; otherwise runs the same script again on it, hands
 * signals through, ends this process with its exit code and gives false.
 * @throws KindError when the pinned Node is not there or is another version
 */
export async function onPinnedNode(script, args) {
  if (process.versions.node === pinnedVersion) return true;
  const binary = inRoot('node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (!existsSync(binary) || process.env.LATCHKEY_RERUN) throw new KindError(missing());
  const child = spawn(binary, [script, ...args], { stdio: 'inherit', env: { ...process.env, LATCHKEY_RERUN: '1' } });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
  process.exitCode = await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code) => resolve(code === null ? 1 : code));
  });
  return false;
}

const missing = () =>
  `The Node that Latchkey pins (${pinnedVersion}) is not in node_modules; this is ${process.versions.node}.\n` +
  'Its package fetches the binary in an install script, and install scripts seem to be switched off here. Run\n' +
  '  npm rebuild node --ignore-scripts=false\n' +
  'and start again.';
