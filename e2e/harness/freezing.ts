import type { ServerResponse } from 'node:http';
import { serveOnLoopback } from '@latchkey/example-shared';
import { onTestFinished } from 'vitest';
import type { Tab } from './tab.js';
import { until } from './until.js';

/**
 * Makes tabs stand still as a browser does with those that nobody looks at: none of their script runs, their connections
 * and locks stay. By a synchronous request that is not answered, which every engine waits for.
 */
export interface Freezer {
  /** Settled when the tab stands still. */
  freeze(tab: Tab): Promise<void>;
  /** Freezes the tab the moment its script is about to send a request to a URL that ends so; settled when that is set up. */
  freezeBeforeSending(tab: Tab, end: string): Promise<void>;
  /** Settled when some tab stands still. */
  untilFrozen(): Promise<void>;
  /** Lets the tab go on; settled when it does. */
  thaw(tab: Tab): Promise<void>;
}

/** Starts one; whatever is frozen when the test ends goes on. */
export async function startFreezer(): Promise<Freezer> {
  const waiting: ServerResponse[] = [];
  const { url, close } = await serveOnLoopback((_, response) => void waiting.push(response));
  const release = (): void => {
    for (const response of waiting.splice(0)) response.writeHead(204, { 'access-control-allow-origin': '*' }).end();
  };
  const untilFrozen = () => until(() => waiting.length > 0, { what: 'a tab stands still' });
  onTestFinished(() => {
    release();
    return close();
  });
  return {
    untilFrozen,
    freeze: async (tab) => {
      await tab.evaluate((address) => {
        const { port1, port2 } = new MessageChannel();
        port1.onmessage = () => {
          const request = new XMLHttpRequest();
          request.open('GET', address, false);
          request.send();
        };
        port2.postMessage('now');
      }, url);
      await untilFrozen();
    },
    freezeBeforeSending: (tab, end) =>
      tab.evaluate(
        ({ address, ending }) => {
          const send = window.fetch.bind(window);
          window.fetch = (input, init) => {
            if (typeof input === 'string' && input.endsWith(ending)) {
              window.fetch = send;
              const request = new XMLHttpRequest();
              request.open('GET', address, false);
              request.send();
            }
            return send(input, init);
          };
        },
        { address: url, ending: end },
      ),
    thaw: async (tab) => {
      release();
      await tab.evaluate(() => undefined);
    },
  };
}
