import { existsSync } from 'node:fs';
import { aptInstall, canInstall } from './debian.mjs';
import { findProgram } from './in-path.mjs';

/** Where installers put it when it is not in PATH. */
const places = ['/Applications/Firefox.app/Contents/MacOS/firefox', 'C:\\Program Files\\Mozilla Firefox\\firefox.exe'];

const advice =
  'No Firefox was found. Install it, or name one in LATCHKEY_FIREFOX, and run this again.\n' +
  'On Debian: apt-get install firefox-esr';

/** Finds Firefox, installing Debian's where that can be done; puts it into `found`. */
export async function findFirefox(found) {
  let path = installed();
  if (!path && canInstall()) {
    const result = await aptInstall(['firefox-esr']);
    if (result.code !== 0) return { ...result, output: `${result.output}\n${advice}` };
    path = installed();
  }
  if (!path) return { code: 1, output: advice };
  found.LATCHKEY_FIREFOX = path;
  return { code: 0, output: path };
}

function installed() {
  const named = process.env.LATCHKEY_FIREFOX;
  if (named) return existsSync(named) ? named : undefined;
  return findProgram(['firefox-esr', 'firefox'], places);
}
