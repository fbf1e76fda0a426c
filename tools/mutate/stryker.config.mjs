/**
 * Changes the rules of the client in every small way that there is and asks whether a test sees it. The score is the
 * share that was seen; under 90 it fails.
 *   npm run mutate
 *   npm run mutate -- -m packages/client/src/core/waiters.ts      one file
 */
export default {
  mutate: ['packages/client/src/core/*.ts', '!**/*.test.ts'],
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
  incrementalFile: '.cache/stryker-incremental.json',
  reporters: ['clear-text'],
  clearTextReporter: { allowColor: false, allowEmojis: false, reportTests: false },
  thresholds: { high: 95, low: 90, break: 90 },
  allowEmpty: false,
};
