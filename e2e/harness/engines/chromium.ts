import { chromium } from 'playwright-core';
import { untilLoaded, type PlaywrightEngine } from './playwright.js';

/** `*.evil.test` and `*.lan.test` lead here: look-alike hosts and a development machine, without a name server. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP *.evil.test 127.0.0.1, MAP *.lan.test 127.0.0.1',
];

/** Chromium, Chrome or Edge. */
export const chromiumEngine = (executablePath: string): PlaywrightEngine => ({
  type: chromium,
  // Playwright switches the back/forward cache off, browsers of people have it on.
  launch: { executablePath, args: flags, ignoreDefaultArgs: ['--disable-back-forward-cache'] },
  back: async (page) => {
    // A page that comes back from the cache does not load again.
    await page.goBack({ waitUntil: 'commit' });
    await untilLoaded(page);
  },
});
