import { findFirefox } from '../system/firefox.mjs';
import { findWebKit } from '../system/webkit.mjs';
import { runTests } from './tests.mjs';

/**
 * What every `npm test` runs in Firefox and WebKit, by how the titles begin: tests that lean on what differs between
 * engines. All others wait for `npm run test:all`; Chromium runs everything every time.
 */
const smoke = [
  'E1: ten tabs', // Web Locks, IndexedDB and messages between many tabs
  'E11: a true invalid_grant', // everybody hears of a sign-out, once
  'E25: is signed out before any call, if it is the old page', // the back/forward cache
  'E6: the server rotated', // a key in IndexedDB outlives the page
  'E27: neither is to be had', // storage that throws
  'M6: other origins', // how URLs are read
  'M8: signing in, a new token', // storage events
];

/** The folders that `npm run test:all` runs whole in every engine. */
const everywhere = ['e2e/edge-cases', 'e2e/mission'];

/** The name of an engine's report: Chromium's holds all end-to-end tests. */
export const reportNames = { chromium: 'e2e', firefox: 'firefox', webkit: 'webkit' };

/** Runs the tests that all engines share in one of them: all, or those whose titles begin as told. */
export function runInEngine(engine, found, titles = []) {
  const env = { ...found, LATCHKEY_ENGINE: engine };
  return runTests('e2e', env, { files: everywhere, titles, name: reportNames[engine] });
}

/** The legs of the engines that are not Chromium: find it, run the smoke tests in it or, with `all`, everything. */
export function engineSteps(found, { all }) {
  const run = (engine) => () => runInEngine(engine, found, all ? [] : smoke);
  return [
    { name: 'a Firefox', run: () => findFirefox(found) },
    { name: 'Firefox', run: run('firefox') },
    ...(process.platform === 'linux'
      ? [
          { name: 'a WebKit', run: () => findWebKit(found) },
          { name: 'WebKit', run: run('webkit') },
        ]
      : [{ name: 'WebKit', run: () => Promise.resolve(notHere) }]),
  ];
}

const notHere = {
  ...{ code: 0, output: '', passed: 0, failed: 0 },
  notRun: [{ title: 'WebKit', reason: 'WebKitGTK, which can be driven, is there for Linux alone' }],
};
