import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { inRepository } from './repository.js';
import { run } from './run.js';

/** The guide whose app is built. */
export const guide = inRepository('docs', 'angular.md');

/** Where the guide's app looks for its token server. */
export const guideApi = 'http://127.0.0.1:4000';

/** A file of the guide, under the comment that names it for the check of the docs. */
const file = /<!-- as: (src\/\S+) -->\n\n```ts\n(.*?)```/gs;

/**
 * Makes the app of the guide's first section in an empty folder beside `app`, whose installed packages it takes over:
 * `ng new`, and the six files word for word. Gives the app's folder.
 */
export async function makeGuideApp(app: string): Promise<string> {
  const folder = dirname(app);
  const [orders, installed] = [join(folder, 'orders'), join(folder, 'installed', 'node_modules')];
  // `ng new` refuses to work from within a workspace, and looks around itself for one, too.
  mkdirSync(dirname(installed));
  renameSync(join(app, 'node_modules'), installed);
  const command = join(installed, '@angular', 'cli', 'bin', 'ng.js');
  await run(process.execPath, [command, 'new', 'orders', '--defaults', '--skip-install', '--skip-git'], folder);
  for (const name of ['html', 'css', 'spec.ts']) rmSync(join(orders, 'src', 'app', `app.${name}`));
  for (const [path, text] of guideFiles()) {
    mkdirSync(dirname(join(orders, path)), { recursive: true });
    writeFileSync(join(orders, path), text);
  }
  renameSync(installed, join(orders, 'node_modules'));
  return orders;
}

/** @throws Error when the guide no longer has its six files where they are looked for */
function guideFiles(): [path: string, text: string][] {
  const text = readFileSync(guide, 'utf8');
  const section = /^## From `ng new` to signed in$.*?(?=^## )/ms.exec(text)?.[0] ?? '';
  const files = [...section.matchAll(file)].map(([, path = '', code = '']): [string, string] => [path, code]);
  if (files.length === 6 && section.includes(guideApi)) return files;
  throw new Error(`${guide} has ${files.length} files in its first section: mend this reader, or the guide.`);
}
