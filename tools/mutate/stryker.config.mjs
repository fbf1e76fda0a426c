import { inRoot } from '../bootstrap/root.mjs';

/**
 * Changes the rules of the client in every small way that there is and asks whether a test sees it. The score is the
 * share that was seen; under 90 it fails.
 *   npm run mutate
 *   npm run mutate -- -m packages/client/src/core/waiters.ts      one file
 */
export default {
  mutate: ['packages/client/src/core/*.ts', '!**/*.test.ts'],
  plugins: ['@stryker-mutator/vitest-runner', inRoot('tools', 'mutate', 'equivalent.mjs')],
  ignorers: ['equivalent'],
  testRunner: 'vitest',
  vitest: { configFile: 'tools/mutate/vitest.config.mjs', related: false },
  coverageAnalysis: 'perTest',
  concurrency: 2,
  ignorePatterns: [
    '/*',
    '!/packages',
    '!/examples',
    '!/tools',
    '!/*.json',
    '!/vitest.config.ts',
    '**/dist',
    '**/.angular',
  ],
  disableTypeChecks: 'packages/client/src/core/*.ts',
  tempDirName: '.cache/stryker',
  reporters: ['clear-text'],
  warnings: { slow: false },
  clearTextReporter: { allowColor: false, allowEmojis: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
  allowEmpty: false,
};
