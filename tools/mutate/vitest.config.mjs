import { defineConfig } from 'vitest/config';
import { inRoot } from '../bootstrap/root.mjs';
import base from '../../vitest.config.ts';

/** The tests that stand beside the rules: what they do not see, nobody does. */
export default defineConfig({
  root: inRoot(),
  resolve: base.resolve,
  test: {
    include: ['packages/client/src/core/*.test.ts'],
    setupFiles: [inRoot('tools', 'mutate', 'no-shrinking.mjs')],
    // Code that counts what was run is slower, by far; so is what a test of speed would measure.
    testTimeout: 60_000,
    testNamePattern: /^(?!.*costs at most 25 µs)/,
  },
});
