/** One tab, in verbs that fit Playwright and W3C WebDriver alike. */
export interface Tab {
  goto(url: string): Promise<void>;
  reload(): Promise<void>;
  /** Goes back in the history; settled when the page there can be asked, loaded or from the back/forward cache. */
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
  /** How many cookies the browser keeps for the test's hosts, those that scripts cannot see included. */
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
