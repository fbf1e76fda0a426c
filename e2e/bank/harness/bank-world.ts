import type { BrowserContext, Page, Request } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { type Bank, type BankOptions, startBank } from '../../../examples/bank/server/src/start-bank.js';
import { advance, openContext, type ProfileOptions } from '../../harness/browser.js';
import { complaintsOf, isAt } from '../../harness/pages.js';
import { tempFolder } from '../../harness/temp-folder.js';
import { until } from '../../harness/until.js';

/** The built bank, as `npm start` runs it, and one browser; closed by itself when the test ends. */
export interface BankWorld {
  readonly bank: Bank;
  readonly browser: BankBrowser;
  /** Another browser, of the same person or of another. */
  openBrowser(options?: ProfileOptions): Promise<BankBrowser>;
  /** Lets time pass at the servers and in every browser that has a clock. */
  advance(milliseconds: number): Promise<void>;
}

/** A browser profile in the bank; its tabs share storage. */
export interface BankBrowser {
  readonly context: BrowserContext;
  /** Every request that any tab sent. */
  readonly requests: Request[];
  /** What any tab's console called a warning or an error, but for answers that were errors, and what nobody caught. */
  readonly complaints: string[];
  open(path?: string): Promise<Page>;
  close(): Promise<void>;
}

/** What a test chooses. */
export interface BankChoices extends Pick<BankOptions, 'preset' | 'lifetimes'> {
  readonly look?: Pick<ProfileOptions, 'viewport' | 'dark'>;
  /** The test lets time pass: browsers get a clock that can be moved. */
  readonly movesTime?: boolean;
  /** The browser's profile outlives it. */
  readonly keepsProfile?: boolean;
}

/** Cheap on purpose: these tests are not about hashing. */
const passwordHashing = { memoryKib: 64, passes: 1, parallelism: 1, atMost: 4, waiting: 16 };

/** Starts bank and browser on free ports of 127.0.0.1. */
export async function startBankWorld(choices: BankChoices = {}): Promise<BankWorld> {
  const { look, movesTime = false, keepsProfile = false, ...server } = choices;
  const folder = tempFolder();
  const bank = await startBank({ dataFolder: `${folder.path}/data`, passwordHashing, ...server });
  const browsers = new Set<BankBrowser>();
  const openBrowser = async (options: ProfileOptions = {}): Promise<BankBrowser> => {
    const context = await openContext({ ...look, ...options, ...(movesTime && { time: bank.clock.now() }) });
    const browser: BankBrowser = {
      context,
      ...listen(context),
      open: async (path = '/') => {
        const tab = await context.newPage();
        await tab.goto(bank.url + path);
        return tab;
      },
      close: async () => {
        browsers.delete(browser);
        await context.close();
      },
    };
    browsers.add(browser);
    return browser;
  };
  onTestFinished(async () => {
    await Promise.all([...browsers].map((browser) => browser.close()));
    await bank.close();
    folder.remove();
  });
  const profile = keepsProfile ? { folder: `${folder.path}/profile` } : {};
  return {
    bank,
    browser: await openBrowser(profile),
    openBrowser: (options = {}) => openBrowser({ ...profile, ...options }),
    advance: async (milliseconds) => {
      bank.clock.advance(milliseconds);
      await Promise.all([...browsers].map(({ context }) => advance(context, milliseconds)));
    },
  };
}

/** An answer that is an error is the test's own doing, and the app's to show; Chromium notes each in the console. */
const ofAnswers = 'Failed to load resource';

function listen(context: BrowserContext): Pick<BankBrowser, 'requests' | 'complaints'> {
  const requests: Request[] = [];
  context.on('request', (request) => requests.push(request));
  return { requests, complaints: complaintsOf(context, { except: ofAnswers }) };
}

/** By the attribute that the app has for its tests. */
export const at = (testid: string): string => `[data-testid="${testid}"]`;

/** Waits until something says this, in all the places where it stands. */
export async function says(tab: Page, testid: string, text: string | RegExp): Promise<void> {
  const matches = (found: string): boolean => (typeof text === 'string' ? found.trim() === text : text.test(found));
  let last: string[] = [];
  await until(
    async () => {
      last = await tab.locator(at(testid)).allInnerTexts();
      return last.length > 0 && last.every(matches);
    },
    { what: `${testid} says ${String(text)}`, seen: () => last.join(' | ') },
  );
}

/** Fills in the sign-in page and sends it. */
export async function signIn(tab: Page, { username, password }: { username: string; password: string }): Promise<void> {
  await tab.fill(at('username'), username);
  await tab.fill(at('password'), password);
  await tab.click(at('login-submit'));
}

/** Opens the bank signed in as the demo's customer, at a page. */
export async function openSignedIn({ bank, browser }: BankWorld, path = '/'): Promise<Page> {
  const tab = await browser.open(path);
  await signIn(tab, bank.user);
  await isAt(tab, path);
  await says(tab, 'user-name', bank.user.displayName);
  return tab;
}

/** Goes to a page of the app as a person does: by the main navigation. */
export async function visit(tab: Page, name: 'accounts' | 'transfer' | 'devices' | 'profile'): Promise<void> {
  await tab.click(at(`nav-${name}`));
  await isAt(tab, name === 'accounts' ? '/' : `/${name}`);
}

/** Fills in and sends a transfer. */
export async function sendMoney(tab: Page, amount: string): Promise<void> {
  await tab.fill(at('name'), 'Jonas Brandt');
  await tab.fill(at('iban'), 'DE89 3704 0044 0532 0130 00');
  await tab.fill(at('amount'), amount);
  await tab.fill(at('purpose'), 'Tickets');
  await tab.click(at('transfer-submit'));
}

/** A session of the same person on another device, as far as the token server can tell. */
export async function onAnotherDevice({ bank }: BankWorld) {
  const call = (path: string, body: object, { access = '', method = 'POST' } = {}): Promise<Response> =>
    fetch(`${bank.url}/auth/${path}`, {
      method,
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile/15E148 Safari/604.1',
        ...(access && { authorization: `Bearer ${access}` }),
      },
      body: JSON.stringify(body),
    });
  const { username, password } = bank.user;
  const answer = await call('sign-in', { username, password });
  expect(answer.status).toBe(200);
  const { access } = (await answer.json()) as { access: string };
  return {
    rename: async (displayName: string) => {
      expect((await call('me', { profile: { displayName } }, { access, method: 'PATCH' })).status).toBe(200);
    },
    signOutEverywhere: async () => {
      expect((await call('sign-out', { everywhere: true }, { access })).status).toBe(204);
    },
  };
}

/** Characters in the tab's localStorage, names and values. */
export const storedCharacters = (tab: Page): Promise<number> =>
  tab.evaluate(() =>
    Object.entries<string>(localStorage).reduce((sum, [key, value]) => sum + key.length + value.length, 0),
  );

/** Refreshes, as the proxy in front of the bank sees them. */
export const refreshes = /^POST \/auth\/refresh/;
