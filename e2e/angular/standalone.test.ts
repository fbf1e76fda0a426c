import { describe, expect, test } from 'vitest';
import { builtApp } from './harness/built-app.js';
import { commonTests } from './harness/common-tests.js';

describe('M14: a standalone app on Angular 22, zoneless and with fetch, built from packed packages', () => {
  commonTests({ line: 'v22', name: 'standalone', sender: 'fetch', zone: false });
});

test('a development build, with the source maps of all packages, has no warning either', async () => {
  const { log } = await builtApp('v22', 'development');
  expect(log).toContain('bundle generation complete');
  expect(log).not.toMatch(/warning/i);
});
