import { brotliCompressSync } from 'node:zlib';
import { bundle, versionOf } from './bundles.mjs';
import { contenders } from './contenders.mjs';

/** What an app downloads for each client: what it imports, bundled and minified alike, in bytes. */
export async function sizes() {
  const measured = [];
  for (const { name, package: id, entry, besides } of contenders) {
    if (!entry) continue;
    const code = await bundle(entry, { besides });
    const version = id ? versionOf(id) : undefined;
    measured.push({ name, version, minified: code.length, brotli: brotliCompressSync(code).length });
  }
  return measured;
}
