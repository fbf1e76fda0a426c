import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'rolldown';

/** The example's own folder, from `src/server` and from `dist/server` alike. */
const folder = new URL('../../', import.meta.url);

/** Where `buildPage` puts the page, and `startDemo` looks for it. */
export const pageFolder = fileURLToPath(new URL('dist/page/', folder));

/** Bundles the page into `dist/page`, beside its static files. The packages must have been built. */
export async function buildPage(): Promise<void> {
  await mkdir(pageFolder, { recursive: true });
  await build({
    input: fileURLToPath(new URL('src/page/main.ts', folder)),
    platform: 'browser',
    // An import that leads nowhere would be left for the browser, which cannot resolve it either.
    onLog(level, log) {
      if (level === 'warn') throw new Error(log.message);
    },
    output: { file: `${pageFolder}main.js`, format: 'es', minify: true },
  });
  const files = fileURLToPath(new URL('static/', folder));
  await Promise.all((await readdir(files)).map((name) => copyFile(files + name, pageFolder + name)));
}
