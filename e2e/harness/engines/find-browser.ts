import { existsSync } from 'node:fs';
import type { EngineName } from './engine.js';

/** Where each engine is looked for, the first that exists wins, and how to get it. */
const browsers: Record<EngineName, { setting: string; places: readonly string[]; name: string; packages: string }> = {
  chromium: {
    setting: 'LATCHKEY_CHROMIUM',
    places: ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'],
    name: 'Chromium, Chrome or Edge',
    packages: 'chromium',
  },
  firefox: {
    setting: 'LATCHKEY_FIREFOX',
    places: ['/usr/bin/firefox-esr', '/usr/bin/firefox'],
    name: 'Firefox',
    packages: 'firefox-esr',
  },
  webkit: {
    setting: 'LATCHKEY_WEBKIT',
    places: ['/usr/bin/WebKitWebDriver'],
    name: 'WebKitWebDriver of WebKitGTK',
    packages: 'webkit2gtk-driver xvfb',
  },
};

/**
 * Finds what the browser tests drive: the browser itself or, for WebKit, its driver.
 * @throws Error with what to do when there is none
 */
export function findBrowser(engine: EngineName): string {
  const { setting, places, name, packages } = browsers[engine];
  const asked = process.env[setting];
  const found = asked ?? places.find((place) => existsSync(place));
  if (found !== undefined && existsSync(found)) return found;
  throw new Error(
    asked === undefined
      ? `No ${name} found for the browser tests. On Debian: apt-get install ${packages}. Elsewhere, name one: ${setting}=/path/to/it`
      : `${setting} names ${asked}, and there is no such file. Name an installed ${name}.`,
  );
}
