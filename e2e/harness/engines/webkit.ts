import type { Profile, ProfileOptions, Tab } from '../tab.js';
import type { Driven } from './engine.js';
import { needs } from './needs.js';
import { startPageProxy } from './page-proxy.js';
import { startWebDriver } from './webdriver.js';
import { awaitedOutcomes } from './outcomes.js';
import { webKitTab } from './webkit-tab.js';

/** Opens a browser of WebKitGTK: a session of WebDriver has storage of its own, as a profile has. */
export async function openWebKitProfile(driven: Driven, { folder, time }: ProfileOptions): Promise<Profile> {
  if (folder !== undefined) needs('profile that outlives the browser');
  let aheadBy = time === undefined ? undefined : time - Date.now();
  const outcomes = awaitedOutcomes();
  const proxy = await startPageProxy({ aheadBy: () => aheadBy, hear: outcomes.hear });
  const driver = await startWebDriver({ ...driven, proxy: proxy.address });
  const tabs = new Map<string, Tab>();
  const ofEach = <Result>(work: (tab: Tab, window: string) => Promise<Result>) =>
    Promise.all([...tabs].map(([window, tab]) => work(tab, window)));
  return {
    newTab: async (url) => {
      const window = await driver.open();
      const tab = webKitTab(window, { driver, outcomes });
      const close = () => {
        tabs.delete(window);
        return tab.close();
      };
      tabs.set(window, tab);
      if (url !== undefined) await tab.goto(url);
      return { ...tab, close };
    },
    setOffline: () => {
      needs('offline');
      return Promise.resolve();
    },
    advance: async (by) => {
      if (aheadBy === undefined) throw new Error('This profile was opened without `time`: its clock cannot be moved.');
      const now = (aheadBy += by);
      await ofEach((tab) => tab.evaluate((ahead) => window.setClock?.(ahead), now));
      await ofEach((tab) => tab.evaluate(() => window.runDueTimers?.()));
    },
    cookieCount: async () => {
      const cookies = await ofEach((_, window) => driver.send<object[]>(window, { method: 'GET', path: '/cookie' }));
      // Cookies know no ports: on one host every page is sent those of all servers.
      return Math.max(0, ...cookies.map(({ length }) => length));
    },
    close: async () => {
      await driver.close();
      await proxy.close();
    },
  };
}
