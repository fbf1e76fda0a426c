import { existsSync } from 'node:fs';

/** Where Chromium is looked for, the first that exists wins. */
const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

/**
 * Finds the Chromium that the browser tests drive.
 * @throws Error with what to do when there is none
 */
export function findChromium(): string {
  const asked = process.env['LATCHKEY_CHROMIUM'];
  const found = asked ?? places.find((place) => existsSync(place));
  if (found !== undefined && existsSync(found)) return found;
  throw new Error(
    asked === undefined
      ? 'No Chromium found for the browser tests. On Debian: apt-get install chromium. Elsewhere, name one: LATCHKEY_CHROMIUM=/path/to/chrome'
      : `LATCHKEY_CHROMIUM names ${asked}, and there is no such file. Name an installed Chromium, Chrome or Edge.`,
  );
}
