import { firefox } from 'playwright-core';
import { until } from '../until.js';
import { untilLoaded, type PlaywrightEngine } from './playwright.js';

/** Firefox has no rule for a whole domain: the look-alike hosts and development machines of the tests, one by one. */
const hosts = ['127.0.0.1.evil.test', 'localhost.evil.test', 'api.lan.test', 'app.lan.test'];

/** Stock Firefox, by WebDriver BiDi. */
export const firefoxEngine = (executablePath: string): PlaywrightEngine => ({
  type: firefox,
  launch: {
    executablePath,
    channel: 'moz-firefox',
    firefoxUserPrefs: { 'network.dns.localDomains': hosts.join(',') },
  },
  back: async (page) => {
    // Firefox tells nobody of a page that comes back from the cache: `goBack` would wait for ever.
    const here = () => page.evaluate(() => location.href).catch(() => undefined);
    const before = await here();
    await page.evaluate(() => history.back());
    await until(async () => ![before, undefined].includes(await here()), { what: 'the tab has gone back' });
    await untilLoaded(page);
  },
});
