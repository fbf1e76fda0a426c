import type { Snapshot } from '@latchkey/client';
import type { Tab } from './browser.js';
import { until } from './until.js';

/** What tests do with the test page, by the tab that it is in. */

/** A password that the server's policy takes. */
export const password = 'seven-green-lanterns';

/** How a call ended: an answer, or the error that the app got. */
export interface Outcome {
  readonly status: number;
  readonly body: string;
  /** `code` of the error, or its name. */
  readonly error: string | undefined;
  readonly message: string;
}

/** Makes an account and signs in with it. */
export async function signUp(tab: Tab, username = 'ada', profile?: Record<string, unknown>): Promise<void> {
  const details = { username, password, ...(profile && { profile }) };
  await tab.evaluate((them) => window.lab.session.signUp(them).then(() => undefined), details);
}

/** Signs in. */
export async function signIn(tab: Tab, username = 'ada', options: { remember?: boolean } = {}): Promise<void> {
  await tab.evaluate(({ credentials, how }) => window.lab.session.signIn(credentials, how).then(() => undefined), {
    credentials: { username, password },
    how: options,
  });
}

/** Signs out. */
export const signOut = (tab: Tab, options: { everywhere?: boolean } = {}): Promise<void> =>
  tab.evaluate((how) => window.lab.session.signOut(how), options);

/** What the app sees. */
export const snapshot = (tab: Tab): Promise<Snapshot> => tab.evaluate(() => window.lab.session.snapshot());

/** Waits until the app sees this. */
export const untilStatus = (tab: Tab, status: Snapshot['status']): Promise<void> =>
  until(async () => (await snapshot(tab)).status === status, { what: `the page is ${status}` });

/** The access token, as the app would ask for it. */
export const accessToken = (tab: Tab, minValidity?: number): Promise<string> =>
  tab.evaluate(
    (least) => window.lab.session.accessToken(least === undefined ? {} : { minValidity: least }),
    minValidity,
  );

/** Every call of `onSignedOut` in this tab. */
export const signedOutReasons = (tab: Tab): Promise<string[]> => tab.evaluate(() => window.lab.signedOut);

/** What went wrong in the page without anybody catching it. */
export const pageErrors = (tab: Tab): Promise<string[]> => tab.evaluate(() => window.lab.errors);

/** Calls by `session.fetch`; never rejects. */
export function call(
  tab: Tab,
  url: string,
  init: { method?: string; headers?: Record<string, string>; body?: string } = {},
) {
  return tab.evaluate(
    async ({ target, how }): Promise<Outcome> => {
      try {
        const response = await window.lab.session.fetch(target, how);
        return { status: response.status, body: await response.text(), error: undefined, message: '' };
      } catch (thrown) {
        const error = thrown as Error & { code?: string };
        return {
          status: 0,
          body: '',
          error: typeof error.code === 'string' ? error.code : error.name,
          message: error.message,
        };
      }
    },
    { target: url, how: init },
  );
}

/** Refreshes as the app would; the code of the error, if it ended in one. */
export const refresh = (tab: Tab): Promise<string | undefined> =>
  tab.evaluate(() =>
    window.lab.session.refresh().then(
      () => undefined,
      (error: unknown) => window.errorText(error).split(/[ :]/)[0],
    ),
  );

/** Characters that this origin's localStorage holds, keys included: what its limit counts. */
export const storedCharacters = (tab: Tab): Promise<number> =>
  tab.evaluate(() =>
    Object.entries<string>(localStorage).reduce((sum, [key, value]) => sum + key.length + value.length, 0),
  );

/** What a session is in localStorage. */
export interface Stored {
  readonly id: string;
  readonly generation: number;
  readonly refreshToken: string;
}

/** The session as it lies in localStorage: what a thief of storage would take. */
export const storedSession = (tab: Tab): Promise<Stored> =>
  tab.evaluate(() => {
    const record = JSON.parse(localStorage.getItem('latchkey.default') ?? '{}') as { session?: Stored | null };
    return record.session ?? { id: '', generation: -1, refreshToken: '' };
  });

/** Its refresh token. */
export const storedRefreshToken = (tab: Tab): Promise<string> =>
  storedSession(tab).then(({ refreshToken }) => refreshToken);
