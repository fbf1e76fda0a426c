import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Tab } from '../tab.js';
import { tempFolder } from '../temp-folder.js';
import { until } from '../until.js';
import type { Outcomes } from './outcomes.js';
import { harnessUrl } from './page-proxy.js';
import { elementKey, type WebDriver } from './webdriver.js';

/**
 * Starts a function and lets it run; the page tells its outcome by a request. The driver could wait for it, but then could
 * do nothing in other tabs, and with a page that stands still nothing at all.
 */
const startScript = (code: string): string => `
  const [id, argument] = arguments;
  const tell = (outcome) => {
    const request = new XMLHttpRequest();
    request.open('POST', '${harnessUrl}');
    request.send(JSON.stringify({ id, ...outcome }));
  };
  const asJson = (value) => {
    try { return JSON.stringify(value); } catch { return undefined; }
  };
  new Promise((resolve) => resolve((${code})(argument === null ? undefined : JSON.parse(argument)))).then(
    (value) => tell({ json: asJson(value) }),
    (error) => tell({ error: String(error?.stack ? error + '\\n' + error.stack : error) }),
  );`;

/** One window of a WebDriver session in the verbs of `Tab`. */
export function webKitTab(window: string, { driver, outcomes }: { driver: WebDriver; outcomes: Outcomes }): Tab {
  const post = <Answer>(path: string, body: object = {}) => driver.send<Answer>(window, { method: 'POST', path, body });
  const leave = (path: string, body?: object): Promise<void> => {
    outcomes.giveUp(window);
    return post(path, body);
  };

  async function evaluate<Result, Argument>(
    code: (argument: Argument) => Result | Promise<Result>,
    argument?: Argument,
  ): Promise<Result> {
    const { id, outcome } = outcomes.expect(window);
    const args = [id, argument === undefined ? null : JSON.stringify(argument)];
    await post('/execute/sync', { script: startScript(code.toString()), args });
    const { json, error } = await outcome;
    if (error !== undefined) throw new Error(error);
    return (typeof json === 'string' ? JSON.parse(json) : undefined) as Result;
  }

  async function element(selector: string): Promise<string> {
    const find = () => post<Record<string, string>[]>('/elements', { using: 'css selector', value: selector });
    let found: Record<string, string>[] = [];
    await until(async () => (found = await find()).length > 0, { what: `there is ${selector}` });
    return `/element/${found[0]?.[elementKey] ?? ''}`;
  }

  return {
    goto: (url) => leave('/url', { url }),
    reload: () => leave('/refresh'),
    back: () => leave('/back'),
    evaluate,
    click: async (selector) => post(`${await element(selector)}/click`),
    fill: async (selector, text) => {
      const field = await element(selector);
      await post(`${field}/clear`);
      await post(`${field}/value`, { text });
    },
    chooseFile: async (selector, { name, buffer }) => {
      const folder = tempFolder();
      onTestFinished(() => {
        folder.remove();
      });
      const path = join(folder.path, name);
      writeFileSync(path, buffer);
      await post(`${await element(selector)}/value`, { text: path });
    },
    text: async (selector) => driver.send(window, { method: 'GET', path: `${await element(selector)}/text` }),
    screenshot: async (path) => {
      const picture = await driver.send<string>(window, { method: 'GET', path: '/screenshot' });
      writeFileSync(path, picture, 'base64');
    },
    close: () => {
      outcomes.giveUp(window);
      return driver.send(window, { method: 'DELETE', path: '/window' });
    },
  };
}
