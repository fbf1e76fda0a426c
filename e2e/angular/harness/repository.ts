import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Gives a path in the repository. */
export const inRepository = (...parts: readonly string[]): string =>
  join(fileURLToPath(new URL('../../../', import.meta.url)), ...parts);

/** Gives a path among the fixture apps. */
export const inApps = (...parts: readonly string[]): string => inRepository('e2e', 'angular', 'apps', ...parts);

/** Hashes files, and all that lies in folders, by name and content. */
export function fingerprint(paths: readonly string[]): string {
  const hash = createHash('sha256');
  for (const file of paths.flatMap(filesOf)) hash.update(`${file}\0`).update(readFileSync(file)).update('\0');
  return hash.digest('hex').slice(0, 16);
}

function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  return readdirSync(path)
    .sort()
    .filter((name) => !/\.(test|fixture)\.ts$/.test(name))
    .flatMap((name) => filesOf(join(path, name)));
}
