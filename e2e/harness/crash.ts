import { inject } from 'vitest';
import { needs } from './engines/needs.js';
import type { Tab } from './tab.js';

/** Kills the process behind a tab in whatever it is doing, by the address that the engine has for that. */
export async function crash(tab: Tab): Promise<void> {
  needs('crash of a tab');
  const address = inject('driven').engine === 'firefox' ? 'about:crashcontent' : 'chrome://crash';
  // Nothing comes back from there.
  await tab.goto(address).catch(() => undefined);
}
