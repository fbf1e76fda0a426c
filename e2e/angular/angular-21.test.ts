import { describe } from 'vitest';
import { commonTests } from './harness/common-tests.js';

describe('M14: an app on Angular 21, with zone.js and XMLHttpRequest, built from packed packages', () => {
  commonTests({ line: 'v21', name: 'standalone', sender: 'xhr', zone: true });
});
