import { parseArgs } from 'node:util';
import { KindError, explained } from '../tools/bootstrap/kind-error.mjs';
import { ready } from '../tools/bootstrap/ready.mjs';
import { inRoot } from '../tools/bootstrap/root.mjs';
import { speaker } from '../tools/bootstrap/say.mjs';

const suites = ['sizes', 'bytes', 'requests', 'node', 'angular', 'first', 'start', 'tabs'];

function readOptions() {
  try {
    const { values } = parseArgs({ options: { quick: { type: 'boolean' }, only: { type: 'string' } } });
    if (values.only === undefined || suites.includes(values.only)) return values;
  } catch {
    // Told below, with what there is.
  }
  throw new KindError(`Use: npm run bench:client -- [--quick] [--only ${suites.join('|')}]`);
}

await explained(async () => {
  const options = readOptions();
  const say = speaker();
  if (!(await ready({ say, script: inRoot('bench', 'client.mjs') }))) return;
  const { compile } = await import('../tools/build.mjs');
  const built = await compile();
  if (built.code !== 0) throw new KindError(`The build failed:\n\n${built.output}`);
  const { installPeers } = await import('./client/install-peers.mjs');
  await installPeers(say);
  const { benchClient } = await import('./client/run.mjs');
  await benchClient(options);
});
