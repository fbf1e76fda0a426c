import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { rolldown } from 'rolldown';
import { inRoot } from '../../tools/bootstrap/root.mjs';

const here = (...path) => inRoot('bench', 'client', ...path);

/** Where the peers are installed: not in the workspace, where they would be nobody's business. */
export const peersFolder = here('peers');

const define = { 'process.env.NODE_ENV': '"production"', ngDevMode: 'false', ngServerMode: 'false' };

/**
 * Bundles a script as an app's bundler would, minified, without licence texts. Packages are looked for from the peers'
 * folder, which also finds those of the workspace. `besides` leaves out what the app has anyway.
 */
export async function bundle(code, { besides, format = 'es', plugin } = {}) {
  const entry = join(peersFolder, 'entry.mjs');
  const inMemory = {
    name: 'in-memory',
    resolveId: (id) => (id === entry ? id : undefined),
    load: (id) => (id === entry ? code : undefined),
  };
  const fromPeers = {
    name: 'from-peers',
    resolveId(id, importer) {
      const isPackage = importer?.startsWith(here('drivers')) && /^[@\w]/.test(id);
      return isPackage ? this.resolve(id, entry, { skipSelf: true }) : undefined;
    },
  };
  const build = await rolldown({
    input: entry,
    platform: 'browser',
    logLevel: 'silent',
    plugins: [inMemory, fromPeers, plugin],
    transform: { define },
    ...(besides && { external: (id) => besides.test(id) }),
  });
  const { output } = await build.generate({ format, minify: true, comments: false, codeSplitting: false });
  await build.close();
  return output[0].code;
}

/** Bundles a driver so that it leaves its `open` in the page, with a mark for the moment in which the page comes to it. */
export async function bundleDriver(name) {
  const code = `import { open } from ${JSON.stringify(here('drivers', `${name}.mjs`))}; globalThis.openClient = open;`;
  return `performance.mark('script');${await bundle(code, { format: 'iife' })}`;
}

/** The version that is measured. */
export function versionOf(name) {
  const places = [join(peersFolder, 'node_modules', name), inRoot('node_modules', name)];
  for (const place of places) {
    try {
      return JSON.parse(readFileSync(join(place, 'package.json'), 'utf8')).version;
    } catch {
      // Looked for in the next place.
    }
  }
  throw new Error(`${name} is not installed.`);
}
