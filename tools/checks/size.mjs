import { readFileSync, rmSync } from 'node:fs';
import { rolldown } from 'rolldown';
import { inRoot } from '../bootstrap/root.mjs';
import { publishedPackages } from './packages.mjs';
import { tool } from './tool.mjs';

/** Where the bundles that are measured lie. */
export const bundles = inRoot('.cache', 'size');

/** Bundles each entry of the packages that browsers load as an app's own bundler would, minified, into `bundles`. */
async function bundleEntries() {
  rmSync(bundles, { recursive: true, force: true });
  const names = [];
  for (const { folder, manifest } of publishedPackages()) {
    // Packages for Node say which one they need.
    if (manifest.engines) continue;
    for (const [entry, target] of Object.entries(manifest.exports)) {
      const name = (manifest.name + entry.slice(1)).replace('@latchkey/', '').replaceAll('/', '-');
      const input = inRoot(folder, target.default);
      const bundle = await rolldown({ input, platform: 'browser', logLevel: 'warn', external: besides(manifest) });
      await bundle.write({ file: `${bundles}/${name}.js`, format: 'es', minify: true });
      await bundle.close();
      names.push(name);
    }
  }
  return names;
}

/** An adapter to a framework is measured by itself: the app has the framework, and the client is measured apart. */
function besides({ dependencies, peerDependencies }) {
  const names = peerDependencies ? Object.keys({ ...dependencies, ...peerDependencies }) : [];
  return (id) => names.some((name) => id === name || id.startsWith(`${name}/`));
}

/** Measures each bundle, compressed, against its budget in .size-limit.json; an entry without a budget fails. */
export async function checkSizes() {
  const names = await bundleEntries();
  const budgets = JSON.parse(readFileSync(inRoot('.size-limit.json'), 'utf8'));
  const without = names.filter((name) => !budgets.some(({ path }) => path === `.cache/size/${name}.js`));
  if (without.length) return { code: 1, output: `No budget in .size-limit.json for: ${without.join(', ')}` };
  return tool('size-limit', []);
}
