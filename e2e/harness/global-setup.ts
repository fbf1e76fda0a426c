import { cpSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build, type Plugin } from 'rolldown';
import type { TestProject } from 'vitest/node';
import { demoPageFolder, pageScript } from './bundles.js';
import { openDisplay } from './engines/display.js';
import { chosenEngine, type Driven } from './engines/engine.js';
import { findBrowser } from './engines/find-browser.js';

declare module 'vitest' {
  interface ProvidedContext {
    driven: Driven;
  }
}

/** Bundles the test page and the demo's page once, from the packages' sources, and finds the browser. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const engine = chosenEngine();
  const executable = findBrowser(engine);
  await bundle(project, { from: 'page/main.ts', to: pageScript });
  cpSync(here('../../examples/plain/static'), demoPageFolder, { recursive: true });
  await bundle(project, { from: '../../examples/plain/src/page/main.ts', to: `${demoPageFolder}main.js` });
  const display = engine === 'webkit' ? await openDisplay() : undefined;
  project.provide('driven', { engine, executable, display: display?.name });
  return async () => display?.close();
}

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

async function bundle(project: TestProject, { from, to }: { from: string; to: string }): Promise<void> {
  await build({
    input: here(from),
    platform: 'browser',
    plugins: [fromSources(project)],
    resolve: { extensionAlias: { '.js': ['.ts', '.js'] } },
    logLevel: 'warn',
    output: { file: to, format: 'iife' },
  });
}

/** Resolves the packages' entries as vitest itself does: to their sources. */
function fromSources(project: TestProject): Plugin {
  const { alias } = project.vite.config.resolve;
  return {
    name: 'from-sources',
    resolveId: (id) => alias.find(({ find }) => find instanceof RegExp && find.test(id))?.replacement,
  };
}
