import { commonTests } from './harness/common-tests.js';

commonTests({ line: 'v21', name: 'standalone', sender: 'xhr', zone: true });
