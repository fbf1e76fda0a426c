import type { BrowserContext } from 'playwright-core';
import { inject } from 'vitest';
import { chromiumEngine } from './engines/chromium.js';
import { firefoxEngine } from './engines/firefox.js';
import { needs } from './engines/needs.js';
import {
  closePlaywright,
  openPlaywrightContext,
  playwrightProfile,
  type PlaywrightEngine,
} from './engines/playwright.js';
import { openWebKitProfile } from './engines/webkit.js';
import type { Profile, ProfileOptions } from './tab.js';

export { advance } from './engines/playwright.js';
export type { Profile, ProfileOptions, Tab } from './tab.js';

/** Opens a profile in the engine of this run: in the browser that all tests of a file share, or in one of its own. */
export async function openProfile(options: ProfileOptions = {}): Promise<Profile> {
  const engine = playwrightEngine();
  return engine
    ? playwrightProfile(engine, await openPlaywrightContext(engine, options))
    : openWebKitProfile(inject('driven'), options);
}

/** The same as Playwright sees it: for tests that need more than the verbs of `Tab`. */
export async function openContext(options: ProfileOptions = {}): Promise<BrowserContext> {
  needs('Playwright');
  return openPlaywrightContext(playwrightEngine()!, options);
}

/** Closes the shared browser; for `afterAll`. */
export const closeEngine = (): Promise<void> => closePlaywright();

function playwrightEngine(): PlaywrightEngine | undefined {
  const { engine, executable } = inject('driven');
  if (engine === 'webkit') return undefined;
  return engine === 'firefox' ? firefoxEngine(executable) : chromiumEngine(executable);
}
