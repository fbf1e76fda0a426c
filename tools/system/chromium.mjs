import { existsSync } from 'node:fs';
import { aptInstall, canInstall } from './debian.mjs';
import { findProgram } from './in-path.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'microsoft-edge', 'msedge'];

/** Where installers put browsers that are not in PATH. */
const places = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

const advice =
  'No Chromium, Chrome or Edge was found. Install one, or run\n' +
  '  npx playwright-core install chromium\n' +
  'or name one in LATCHKEY_CHROMIUM, and run this again.';

/** Finds a browser of the Chromium family, installing Debian's where that can be done; puts it into `found`. */
export async function findChromium(found) {
  let path = await installed();
  if (!path && canInstall()) {
    const result = await aptInstall(['chromium']);
    if (result.code !== 0) return { ...result, output: `${result.output}\n${advice}` };
    path = await installed();
  }
  if (!path) return { code: 1, output: advice };
  found.LATCHKEY_CHROMIUM = path;
  return { code: 0, output: path };
}

async function installed() {
  const named = process.env.LATCHKEY_CHROMIUM;
  if (named) return existsSync(named) ? named : undefined;
  const { chromium } = await import('playwright-core');
  return findProgram(names, [...places, chromium.executablePath()]);
}
