import { chromium } from 'playwright-core';
import { findChromium } from '../tools/system/chromium.mjs';

const flags = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-background-networking'];

/** Starts the Chromium that there is. */
export async function launchChromium() {
  const found = {};
  const { code, output } = await findChromium(found);
  if (code !== 0) throw new Error(output);
  return chromium.launch({ executablePath: found.LATCHKEY_CHROMIUM, args: flags });
}
