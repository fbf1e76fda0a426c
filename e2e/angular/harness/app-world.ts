import { FaultProxy, type MovableClock, movableClock } from '@latchkey/example-shared';
import type { BrowserContext, Page } from 'playwright-core';
import { expect, onTestFinished } from 'vitest';
import { type ApiServer, startApiServer } from '../../harness/api-server.js';
import { startAuthServer } from '../../harness/auth-server.js';
import { openContext } from '../../harness/browser.js';
import { password } from '../../harness/lab.js';
import { complaintsOf } from '../../harness/pages.js';
import { tempFolder } from '../../harness/temp-folder.js';
import { startAppServer } from './app-server.js';
import type { BuiltApp } from './built-app.js';
import { startRenderer } from './renderer.js';

/** A built app with all that it needs; closed by itself when the test ends. */
export interface AppWorld {
  /** Of the servers alone: browsers keep the machine's time. */
  readonly clock: MovableClock;
  /** In front of token server and API. */
  readonly proxy: FaultProxy;
  readonly apiUrl: string;
  readonly api: ApiServer;
  readonly origin: string;
  /** One browser profile; its tabs share storage. */
  readonly context: BrowserContext;
  /** Opens a tab at a path of the app. */
  open(path: string): Promise<Page>;
  /** What any tab's console called a warning or an error, and what nobody caught. */
  readonly complaints: string[];
}

/** The person of these tests; signed up, and nowhere signed in. */
export const person = { username: 'ada', password };

/** How a world differs from the usual one. */
export interface AppWorldChoices {
  /** A server renders the pages. */
  readonly renders?: boolean;
  /** The address of the API that the build has in it, where it cannot be told. */
  readonly builtFor?: string;
}

/** Starts token server, API and app on free ports of 127.0.0.1. */
export async function startAppWorld(
  app: BuiltApp,
  { renders = false, builtFor }: AppWorldChoices = {},
): Promise<AppWorld> {
  const [clock, folder, page] = [movableClock(), tempFolder(), await startAppServer(app.browser)];
  const ports = { auth: 0, api: 0 };
  const proxy = await FaultProxy.start((path) => (/^\/(auth|\.well-known)\//.test(path) ? ports.auth : ports.api));
  const apiUrl = `http://127.0.0.1:${proxy.port}`;
  const shared = { issuer: apiUrl, clock, allowOrigin: page.origin };
  const auth = await startAuthServer({ ...shared, folder: folder.path, choices: {} });
  const api = await startApiServer({ ...shared, jwksUrl: `http://127.0.0.1:${auth.port}/.well-known/jwks.json` });
  const renderer = renders ? await startRenderer(app, { apiUrl, folder: folder.path }) : undefined;
  Object.assign(ports, { auth: auth.port, api: api.port });
  Object.assign(page, { apiUrl, renderer: renderer?.port ?? 0, builtFor });
  const context = await openContext();
  onTestFinished(async () => {
    await context.close();
    await Promise.all([renderer?.stop(), proxy.close(), page.close(), api.close(), auth.close()]);
    folder.remove();
  });
  await signUp(apiUrl);
  const complaints = complaintsOf(context);
  const open = async (path: string): Promise<Page> => {
    const tab = await context.newPage();
    await tab.goto(`${page.origin}${path}`);
    return tab;
  };
  return { clock, proxy, apiUrl, api, origin: page.origin, context, open, complaints };
}

async function signUp(apiUrl: string): Promise<void> {
  const headers = { 'content-type': 'application/json' };
  const answer = await fetch(`${apiUrl}/auth/sign-up`, { method: 'POST', headers, body: JSON.stringify(person) });
  expect(answer.status).toBe(201);
}
