import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../free-port.js';
import { until } from '../until.js';

/** One session of W3C WebDriver (https://www.w3.org/TR/webdriver2/): one browser with its windows. */
export interface WebDriver {
  /** Opens a window and gives its handle. */
  open(): Promise<string>;
  /** Sends one command to a window; commands of all windows wait for one another. */
  send<Answer>(window: string, command: Command): Promise<Answer>;
  close(): Promise<void>;
}

/** A command as the standard has it: method, path after the session's, and body. */
export interface Command {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}

/** How a driver is started. */
export interface DriverOptions {
  readonly executable: string;
  readonly display: string | undefined;
  /** `host:port` of the HTTP proxy that the browser uses for everything. */
  readonly proxy: string;
}

/** Key of an element's id in the standard's JSON. */
export const elementKey = 'element-6066-11e4-a52e-4f735466cecf';

/** Starts a driver and a session in it. */
export async function startWebDriver({ executable, display, proxy }: DriverOptions): Promise<WebDriver> {
  const port = await freePort();
  const driver = spawn(executable, ['-p', String(port)], {
    env: { ...process.env, DISPLAY: display },
    stdio: 'ignore',
  });
  const url = `http://127.0.0.1:${port}`;
  await until(() => isReady(url), { what: `${executable} listens` });
  const capabilities = {
    alwaysMatch: {
      proxy: { proxyType: 'manual', httpProxy: proxy, noProxy: [] },
      // WebKit's driver watches over a script by the page's own timers: moved time would end it.
      timeouts: { script: null },
    },
  };
  const { sessionId } = await ask<{ sessionId: string }>(`${url}/session`, {
    method: 'POST',
    path: '',
    body: { capabilities },
  });
  const session = `${url}/session/${sessionId}`;
  return sessionOf(session, { driver, first: await ask<string>(session, { method: 'GET', path: '/window' }) });
}

const isReady = (url: string): Promise<boolean> =>
  fetch(`${url}/status`).then(
    ({ ok }) => ok,
    () => false,
  );

function sessionOf(url: string, { driver, first }: { driver: ChildProcess; first: string }): WebDriver {
  let current = first;
  let last: Promise<unknown> = Promise.resolve();
  /** One thing at a time: the driver has one current window. */
  function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  }
  async function inWindow<Answer>(window: string, command: Command): Promise<Answer> {
    if (current !== window) await ask(url, { method: 'POST', path: '/window', body: { handle: window } });
    current = window;
    return ask(url, command);
  }
  return {
    open: () =>
      inTurn(async () => {
        const command = { method: 'POST', path: '/window/new', body: { type: 'window' } } as const;
        // From the first window: it is never closed, and only an open window may open another.
        return (await inWindow<{ handle: string }>(first, command)).handle;
      }),
    send: (window, command) => inTurn(() => inWindow(window, command)),
    close: () =>
      inTurn(async () => {
        await ask(url, { method: 'DELETE', path: '' });
        const gone = once(driver, 'exit');
        driver.kill();
        await gone;
      }),
  };
}

/** @throws Error with the driver's own words */
async function ask<Answer>(url: string, { method, path, body }: Command): Promise<Answer> {
  const answer = await fetch(url + path, {
    method,
    ...(method === 'POST' && { body: JSON.stringify(body ?? {}) }),
  });
  const { value } = (await answer.json()) as { value: Answer & { error?: string; message?: string } };
  if (!answer.ok) throw new Error(`WebDriver, ${method} ${path || '/session'}: ${value.error}: ${value.message}`);
  return value;
}
