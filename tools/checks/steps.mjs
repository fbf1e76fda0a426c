import { existsSync } from 'node:fs';
import { build } from '../build.mjs';
import { inRoot } from '../bootstrap/root.mjs';
import { runCommand } from '../bootstrap/run-command.mjs';
import { findChromium } from '../system/chromium.mjs';
import { findDjango } from '../system/django.mjs';
import { findPostgres } from '../system/postgres.mjs';
import { checkContent } from './content.mjs';
import { engineSteps } from './engines.mjs';
import { packageSteps } from './packages.mjs';
import { checkSizes } from './size.mjs';
import { runTests } from './tests.mjs';
import { tool } from './tool.mjs';

/** Every check, in the order in which a failure explains the ones after it. `found` is passed on to the tests. */
export function steps(found, { all }) {
  return [
    { name: 'build', run: build },
    { name: 'types of tests', run: () => tool('tsc', ['-p', 'tsconfig.test.json']) },
    { name: 'eslint', run: () => tool('eslint', ['.', '--max-warnings=0']) },
    { name: 'prettier', run: () => tool('prettier', ['--check', '--log-level=warn', '.']) },
    {
      name: 'import rules',
      run: () => tool('depcruise', ['--config', 'tools/import-rules.cjs', 'packages', 'examples']),
    },
    { name: 'dead code', run: () => tool('knip', ['--no-progress']) },
    ...packageSteps(),
    { name: 'sizes', run: checkSizes },
    { name: 'forbidden content', run: checkContent },
    ...script('docs', 'tools/check-docs.mjs'),
    { name: 'a PostgreSQL', run: () => findPostgres(found) },
    { name: 'unit tests', run: () => runTests('unit', found) },
    { name: 'a browser', run: () => findChromium(found) },
    { name: 'a Django', run: () => findDjango(found) },
    { name: 'end-to-end tests', run: () => runTests('e2e', found) },
    ...engineSteps(found, { all }),
  ];
}

/** The legs that `npm run test:all` adds: too long for every run. */
export const longSteps = () => [...script('teeth', 'tools/teeth.mjs'), ...script('benchmarks', 'bench/run.mjs')];

function script(name, file) {
  return existsSync(inRoot(file)) ? [{ name, run: () => runCommand(process.execPath, [inRoot(file)]) }] : [];
}
