import type { Browser, BrowserContext, BrowserType, Disposable, LaunchOptions, Page } from 'playwright-core';
import type { Profile, ProfileOptions, Tab } from '../tab.js';
import { until } from '../until.js';
import { installPageClock } from './page-clock.js';

/** How an engine is started by Playwright, and how its tabs go back. */
export interface PlaywrightEngine {
  readonly type: BrowserType;
  readonly launch: LaunchOptions;
  back(page: Page): Promise<void>;
}

let shared: Promise<Browser> | undefined;

/** Opens a context in the browser that all tests of a file share, or, with a folder, in one of its own. */
export async function openPlaywrightContext(
  { type, launch }: PlaywrightEngine,
  { folder, time, viewport, dark }: ProfileOptions,
): Promise<BrowserContext> {
  const colorScheme: 'dark' | 'light' = dark ? 'dark' : 'light';
  // Servers of tests have certificates of their own making.
  const look = { viewport: viewport ?? { width: 1200, height: 800 }, colorScheme, ignoreHTTPSErrors: true };
  const context =
    folder === undefined
      ? await (shared ??= type.launch(launch)).then((running) => running.newContext(look))
      : await type.launchPersistentContext(folder, { ...launch, ...look });
  if (time !== undefined) await setClock(context, time - Date.now());
  return context;
}

/** Closes the shared browser. */
export async function closePlaywright(): Promise<void> {
  const running = shared;
  shared = undefined;
  await (await running)?.close();
}

/** How far ahead the clock of a context is, in milliseconds, and what installs it in pages that load. */
const clocks = new WeakMap<BrowserContext, { aheadBy: number; installed: Disposable }>();

async function setClock(context: BrowserContext, aheadBy: number): Promise<void> {
  const before = clocks.get(context);
  clocks.set(context, { aheadBy, installed: await context.addInitScript(installPageClock, aheadBy) });
  await before?.installed.dispose();
}

/** Moves the time of every tab on, timers that come due included, as a sleep of the machine would. */
export async function advance(context: BrowserContext, milliseconds: number): Promise<void> {
  const { aheadBy } = clocks.get(context) ?? { aheadBy: 0 };
  await setClock(context, aheadBy + milliseconds);
  // A page that is just loading has its clock from the script.
  const inEach = (work: (page: Page) => Promise<void>) =>
    Promise.all(context.pages().map((page) => work(page).catch(() => undefined)));
  await inEach((page) => page.evaluate((ahead) => window.setClock?.(ahead), aheadBy + milliseconds));
  await inEach((page) => page.evaluate(() => window.runDueTimers?.()));
}

/** Waits for the scripts of the page that the tab has come to; `goBack` can wait only for those that load. */
export const untilLoaded = (page: Page): Promise<void> =>
  until(() => page.evaluate(() => document.readyState === 'complete').catch(() => false), {
    what: 'the page has loaded',
  });

/** A context in the verbs of `Profile`. */
export function playwrightProfile(engine: PlaywrightEngine, context: BrowserContext): Profile {
  return {
    newTab: async (url) => {
      const page = await context.newPage();
      if (url !== undefined) await page.goto(url);
      return tabOf(engine, page);
    },
    setOffline: (offline) => context.setOffline(offline),
    advance: (by) => advance(context, by),
    cookieCount: async () => (await context.cookies()).length,
    close: () => context.close(),
  };
}

function tabOf(engine: PlaywrightEngine, page: Page): Tab {
  return {
    goto: async (url) => {
      await page.goto(url);
    },
    reload: async () => {
      await page.reload();
    },
    back: () => engine.back(page),
    evaluate: <Result, Argument>(code: (argument: Argument) => Result | Promise<Result>, argument?: Argument) =>
      page.evaluate<Result, Argument>(code as never, argument as never),
    click: (selector) => page.click(selector),
    fill: (selector, text) => page.fill(selector, text),
    chooseFile: (selector, file) => page.setInputFiles(selector, file),
    text: (selector) => page.innerText(selector),
    screenshot: async (path) => {
      await page.screenshot({ path, fullPage: true });
    },
    close: () => page.close(),
  };
}
