import type { BrowserContext, Page } from 'playwright-core';
import { until } from './until.js';

/** Waits until the tab is at this path, query included. */
export const isAt = (tab: Page, path: string): Promise<void> =>
  until(() => new URL(tab.url()).pathname + new URL(tab.url()).search === path, {
    what: `the page is at ${path}`,
    seen: () => tab.url(),
  });

/** Gathers what any tab's console calls a warning or an error, but for texts that begin as told, and what nobody caught. */
export function complaintsOf(context: BrowserContext, { except }: { except?: string } = {}): string[] {
  const complaints: string[] = [];
  context.on('console', (message) => {
    const text = message.text();
    const expected = except !== undefined && text.startsWith(except);
    if (['warning', 'error'].includes(message.type()) && !expected) complaints.push(text);
  });
  context.on('weberror', (thrown) => complaints.push(String(thrown.error())));
  return complaints;
}
