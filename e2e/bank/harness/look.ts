import { mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AxeResults, Result } from 'axe-core';
import type { Page } from 'playwright-core';
import { expect } from 'vitest';

const pictures = fileURLToPath(new URL('../../../test-output/bank/', import.meta.url));

const axeSource = readFileSync(new URL('../../../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');

/** Screens to look at pages on. */
export const sizes = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };

/**
 * Takes pictures of what the tab shows, light and dark, for people to look at, and asks axe, all rules of it, what is
 * wrong; `problems` gathers that.
 */
export type Look = (name: string) => Promise<void>;

/** Looks at a tab on a screen of this size. */
export function looksAt(tab: Page, size: keyof typeof sizes): { see: Look; problems: readonly string[] } {
  mkdirSync(pictures, { recursive: true });
  const problems: string[] = [];
  const see: Look = async (name) => {
    for (const colorScheme of ['dark', 'light'] as const) {
      await tab.emulateMedia({ colorScheme });
      await settle(tab);
      await takePicture(tab, `${name}-${size}-${colorScheme}`);
      problems.push(...(await whatIsWrong(tab)).map((problem) => `${name}, ${colorScheme}: ${problem}`));
    }
  };
  return { see, problems };
}

/** The whole page, on a screen that is high enough for it: what is fixed to an edge then stands at that edge. */
async function takePicture(tab: Page, name: string): Promise<void> {
  const screen = tab.viewportSize()!;
  const height = await tab.evaluate(() => document.documentElement.scrollHeight);
  if (height > screen.height) await tab.setViewportSize({ ...screen, height });
  await tab.screenshot({ path: `${pictures}${name}.png` });
  await tab.setViewportSize(screen);
}

/** Until nothing moves any more and the fonts are there. */
const settle = (tab: Page): Promise<unknown> =>
  tab.evaluate(() => {
    const moving = document.getAnimations().filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    return Promise.all([document.fonts.ready, ...moving.map(({ finished }) => finished.catch(() => undefined))]);
  });

async function whatIsWrong(tab: Page): Promise<string[]> {
  await tab.evaluate(axeSource);
  const { violations, passes } = await tab.evaluate<AxeResults>('axe.run({ elementRef: false })');
  // A page on which nothing was looked at is not a good one.
  expect(passes.length).toBeGreaterThan(15);
  const overflow = await tab.evaluate(
    () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
  );
  return [...violations.map(inWords), ...(overflow > 0 ? [`is ${overflow} px wider than the screen`] : [])];
}

const inWords = ({ id, help, nodes }: Result): string =>
  `${id}: ${help}: ${nodes.map(({ target, failureSummary }) => `${target.join(' ')} ${failureSummary ?? ''}`).join('; ')}`;
