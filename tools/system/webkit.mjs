import { existsSync } from 'node:fs';
import { aptInstall, canInstall } from './debian.mjs';
import { findProgram } from './in-path.mjs';

const advice =
  'No WebKitGTK with its WebDriver, or no Xvfb to show it on, was found. Install both, or name a WebKitWebDriver in\n' +
  'LATCHKEY_WEBKIT, and run this again. On Debian: apt-get install webkit2gtk-driver xvfb';

/** Finds WebKitGTK's driver, installing Debian's where that can be done; puts it into `found`. */
export async function findWebKit(found) {
  let path = installed();
  if (!path && canInstall()) {
    const result = await aptInstall(['webkit2gtk-driver', 'xvfb']);
    if (result.code !== 0) return { ...result, output: `${result.output}\n${advice}` };
    path = installed();
  }
  if (!path) return { code: 1, output: advice };
  found.LATCHKEY_WEBKIT = path;
  return { code: 0, output: path };
}

/** The driver, if there is a display to show its browser on. */
function installed() {
  if (!findProgram(['Xvfb'])) return undefined;
  const named = process.env.LATCHKEY_WEBKIT;
  if (named) return existsSync(named) ? named : undefined;
  return findProgram(['WebKitWebDriver']);
}
