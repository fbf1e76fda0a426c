import { type BrowserContext, type Page, chromium, type Browser as Engine } from 'playwright-core';
import { inject } from 'vitest';

/** One tab. The same few verbs fit W3C WebDriver, so that other engines can be put behind them. */
export interface Tab {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  back(): Promise<void>;
  /** Runs a function in the page; it must not use anything of this side. */
  evaluate<Result>(code: () => Result | Promise<Result>): Promise<Result>;
  evaluate<Result, Argument>(
    code: (argument: Argument) => Result | Promise<Result>,
    argument: Argument,
  ): Promise<Result>;
  click(selector: string): Promise<void>;
  fill(selector: string, text: string): Promise<void>;
  chooseFile(selector: string, file: { name: string; mimeType: string; buffer: Buffer }): Promise<void>;
  /** The visible text; waits for the element. */
  text(selector: string): Promise<string>;
  screenshot(path: string): Promise<void>;
  close(): Promise<void>;
}

/** A browser profile: its tabs share storage. */
export interface Profile {
  newTab(url?: string): Promise<Tab>;
  /** Unplugs this browser, or plugs it in again. */
  setOffline(offline: boolean): Promise<void>;
  /** Moves the time of every tab on, timers that come due included, as a sleep of the machine would. */
  advance(milliseconds: number): Promise<void>;
  /** How many cookies the browser keeps, of any kind and origin. */
  cookieCount(): Promise<number>;
  close(): Promise<void>;
}

/** How a profile is opened. */
export interface ProfileOptions {
  /** A folder that outlives the browser: closing and coming back. Without one the profile is gone with its last tab. */
  readonly folder?: string;
  /** Puts the page's clock into the test's hands, at this time. */
  readonly time?: number;
  readonly viewport?: { width: number; height: number };
  readonly dark?: boolean;
}

/** `*.evil.test` and `*.lan.test` lead here: look-alike hosts and a development machine, without a name server. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--host-resolver-rules=MAP *.evil.test 127.0.0.1, MAP *.lan.test 127.0.0.1',
];

/** Playwright's clock moves by 31 bits of milliseconds at most, which is 24 days. */
const longestStep = 20 * 86_400_000;

let engine: Promise<Engine> | undefined;

/** Opens a profile in the browser that all tests of a file share, or, with a folder, in one of its own. */
export const openProfile = async (options: ProfileOptions = {}): Promise<Profile> =>
  profileOf(await openContext(options));

/** The same as Playwright sees it: for tests that need more than the verbs of `Tab`. */
export async function openContext(options: ProfileOptions = {}): Promise<BrowserContext> {
  // Playwright switches the back/forward cache off, browsers of people have it on.
  const ignoreDefaultArgs = ['--disable-back-forward-cache'];
  const launch = { executablePath: inject('chromium'), args: flags, ignoreDefaultArgs };
  const look = { viewport: options.viewport ?? { width: 1200, height: 800 }, colorScheme: scheme(options) };
  const context =
    options.folder === undefined
      ? await (engine ??= chromium.launch(launch)).then((running) => running.newContext(look))
      : await chromium.launchPersistentContext(options.folder, { ...launch, ...look });
  if (options.time !== undefined) await context.clock.install({ time: options.time });
  return context;
}

const scheme = ({ dark }: ProfileOptions): 'dark' | 'light' => (dark ? 'dark' : 'light');

/** Closes the shared browser; for `afterAll`. */
export async function closeEngine(): Promise<void> {
  const running = engine;
  engine = undefined;
  await (await running)?.close();
}

/** Moves the time of every tab on, timers that come due included, as a sleep of the machine would. */
export async function advance({ clock }: BrowserContext, milliseconds: number): Promise<void> {
  for (let left = milliseconds; left > 0; left -= longestStep) await clock.fastForward(Math.min(left, longestStep));
}

function profileOf(context: BrowserContext): Profile {
  return {
    newTab: async (url) => {
      const page = await context.newPage();
      if (url !== undefined) await page.goto(url);
      return tabOf(page);
    },
    setOffline: (offline) => context.setOffline(offline),
    advance: (by) => advance(context, by),
    cookieCount: async () => (await context.cookies()).length,
    close: () => context.close(),
  };
}

function tabOf(page: Page): Tab {
  return {
    goto: async (url) => {
      await page.goto(url);
    },
    reload: async () => {
      await page.reload();
    },
    back: async () => {
      // A page that comes back from the cache does not load again.
      await page.goBack({ waitUntil: 'commit' });
    },
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
