import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

interface Manifest {
  name: string;
  exports?: Record<string, { default: string }>;
}

const root = fileURLToPath(new URL('.', import.meta.url));

/** Tests read the sources, not `dist`: each public entry of each package maps to the file that it is built from. */
function sourceAliases(): { find: RegExp; replacement: string }[] {
  const folders = readdirSync(`${root}packages`).map((name) => `packages/${name}`);
  return [...folders, 'examples/shared'].flatMap((folder) => {
    const manifest = JSON.parse(readFileSync(`${root}${folder}/package.json`, 'utf8')) as Manifest;
    return Object.entries(manifest.exports ?? {}).map(([entry, target]) => ({
      find: new RegExp(`^${manifest.name}${entry.slice(1)}$`),
      replacement: `${root}${folder}/${target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts')}`,
    }));
  });
}

export default defineConfig({
  resolve: { alias: sourceAliases() },
  test: {
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['packages/*/src/**/*.test.ts', 'examples/{shared,bank/server}/src/**/*.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          globalSetup: ['e2e/harness/global-setup.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
