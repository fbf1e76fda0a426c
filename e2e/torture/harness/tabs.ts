import { setTimeout as wait } from 'node:timers/promises';
import type { BrowserContext, Page, Request } from 'playwright-core';
import type { Draw } from '../../kill/harness/moments.js';
import type { Call, Told } from '../page/told.js';
import { fingerprint } from './refresh-log.js';
import type { Target } from './target.js';

/** A tab presented a refresh token. */
export interface Asked {
  readonly tab: number;
  readonly token: string;
  readonly at: number;
}

/** A tab's page went away: reloaded, or closed. */
export interface Gone {
  readonly tab: number;
  readonly at: number;
}

/** A tab was told that the session is over. */
export interface SignedOut {
  readonly tab: number;
  readonly at: number;
  readonly reason: string;
  readonly timeline: Extract<Told, { type: 'signed-out' }>['timeline'];
}

/** One person's tabs, and what is done to them. */
export class Tabs {
  /** By tab, in order. */
  readonly calls: Call[][];
  readonly signedOut: SignedOut[] = [];
  readonly errors: string[] = [];
  readonly asked: Asked[] = [];
  readonly gone: Gone[] = [];
  readonly treated = { reloaded: 0, reopened: 0, hidden: 0 };
  readonly #context: BrowserContext;
  readonly #target: Target;
  readonly #address: string;
  readonly #pages: Page[] = [];

  private constructor(context: BrowserContext, target: Target, { count, address }: { count: number; address: string }) {
    this.#context = context;
    this.#target = target;
    this.#address = address;
    this.calls = Array.from({ length: count }, () => []);
  }

  static async open(
    context: BrowserContext,
    target: Target,
    choice: { count: number; address: string },
  ): Promise<Tabs> {
    const tabs = new Tabs(context, target, choice);
    await context.exposeBinding('tell', ({ page }, told: Told) => tabs.#hear(tabs.#pages.indexOf(page), told));
    for (let tab = 0; tab < choice.count; tab += 1) await tabs.#open(tab);
    return tabs;
  }

  /**
   * Lets the person in, in whichever tab takes it; tries until one does.
   * @throws Error when for a minute none did
   */
  async enter(by: 'signUp' | 'signIn'): Promise<void> {
    const what = this.#target.entrance.credentials;
    const end = Date.now() + 60_000;
    let cause: unknown;
    while (Date.now() < end) {
      for (const page of this.#pages) {
        try {
          await page.evaluate((entry) => window.torture.session[entry.by](entry.what).then(() => undefined), {
            by,
            what,
          });
          return;
        } catch (error) {
          cause = error;
        }
      }
      await wait(200);
    }
    throw new Error('Nobody can sign in.', { cause });
  }

  /** Reloads, closes and hides tabs at random until it is told to stop. */
  async trouble(draw: Draw, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const tab = draw(this.#pages.length);
      const [pause, kind, lasts] = [500 + draw(3000), draw(10), 2000 + draw(4000)];
      await wait(pause);
      if (kind < 5) await this.#reload(tab);
      else if (kind < 7) await this.#reopen(tab);
      else await this.#hide(tab, lasts);
    }
  }

  async #open(tab: number): Promise<void> {
    const page = await this.#context.newPage();
    this.#pages[tab] = page;
    page.on('request', (request) => this.#see(tab, request));
    await page.goto(this.#address);
  }

  async #reload(tab: number): Promise<void> {
    this.gone.push({ tab, at: Date.now() });
    this.treated.reloaded += 1;
    await this.#pages[tab]?.reload();
  }

  async #reopen(tab: number): Promise<void> {
    this.gone.push({ tab, at: Date.now() });
    this.treated.reopened += 1;
    await this.#pages[tab]?.close();
    await this.#open(tab);
  }

  async #hide(tab: number, lasts: number): Promise<void> {
    const page = this.#pages[tab];
    await page?.evaluate(() => window.torture.setHidden(true));
    this.treated.hidden += 1;
    await wait(lasts);
    await page?.evaluate(() => window.torture.setHidden(false));
  }

  #see(tab: number, request: Request): void {
    if (!this.#target.refreshes.test(`${request.method()} ${new URL(request.url()).pathname}`)) return;
    const token = this.#target.presented(request.postData() ?? '');
    if (token !== undefined) this.asked.push({ tab, token: fingerprint(token), at: Date.now() });
  }

  #hear(tab: number, told: Told): void {
    if (told.type === 'call') this.calls[tab]?.push(told.call);
    else if (told.type === 'error') this.errors.push(told.message);
    else this.signedOut.push({ tab, at: Date.now(), reason: told.reason, timeline: told.timeline });
  }
}
