import { parseArgs } from 'node:util';
import { KindError, explained } from '../tools/bootstrap/kind-error.mjs';
import { ready } from '../tools/bootstrap/ready.mjs';
import { inRoot } from '../tools/bootstrap/root.mjs';
import { speaker } from '../tools/bootstrap/say.mjs';

function readOptions() {
  try {
    const options = { quick: { type: 'boolean' }, profile: { type: 'boolean' }, store: { type: 'string' } };
    const { values } = parseArgs({ options });
    if ([undefined, 'sqlite', 'postgres'].includes(values.store)) return values;
  } catch {
    // Told below, with what there is.
  }
  throw new KindError('Use: npm run bench:refresh -- [--quick] [--store sqlite|postgres] [--profile]');
}

await explained(async () => {
  const options = readOptions();
  const say = speaker();
  if (!(await ready({ say, script: inRoot('bench', 'refresh.mjs') }))) return;
  const { compile } = await import('../tools/build.mjs');
  const built = await compile();
  if (built.code !== 0) throw new KindError(`The build failed:\n\n${built.output}`);
  const { benchRefreshes } = await import('./refresh/run.mjs');
  await benchRefreshes(options);
});
