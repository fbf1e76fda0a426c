import { readFileSync } from 'node:fs';
import { pageScript } from './bundles.js';
import type { PageOptions } from './page/page-options.js';
import type { Tab } from './tab.js';

declare global {
  interface Window {
    /** The other copy's. */
    createOther: Window['createLab'];
  }
}

/**
 * The library once more, to be put before the page's own script: as two copies on one page, or, with `edit`, as another
 * version of it beside this one.
 */
export function otherCopy(edit: (script: string) => string = (script) => script): string {
  const script = edit(readFileSync(pageScript, 'utf8')).replaceAll('</script', '<\\/script');
  return `window.pageOptions = null; ${script}; window.createOther = window.createLab;`;
}

/** Creates the page's session by the other copy. */
export const startOther = (tab: Tab, options: PageOptions): Promise<void> =>
  tab.evaluate((them) => void Object.assign(window, { lab: window.createOther(them) }), options);
