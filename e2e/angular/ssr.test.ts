import type { BrowserContext, Page } from 'playwright-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { isAt } from '../harness/pages.js';
import { type AppWorld, person, startAppWorld } from './harness/app-world.js';
import { type BuiltApp, buildTimeout, builtApp } from './harness/built-app.js';
import { commonTests, openSignedIn, says, signIn } from './harness/common-tests.js';

describe('M14: an app on Angular 22 that a server renders and the browser hydrates, built from packed packages', () => {
  commonTests({ line: 'v22', name: 'ssr', sender: 'fetch', zone: false, renders: true });
});

let app: BuiltApp;
beforeAll(async () => void (app = await builtApp('v22', 'ssr')), buildTimeout);

const start = (): Promise<AppWorld> => startAppWorld(app, { renders: true });

const signedOutText = 'Nobody is signed in';

test('the server knows nobody: what it renders is for neither the signed-in nor the signed-out', async () => {
  const world = await start();
  for (const path of ['/', '/account', '/login']) {
    const page = await fetch(`${world.origin}${path}`, { redirect: 'manual' });
    const html = await page.text();
    expect(page.status, path).toBe(200);
    expect(html, path).toContain('ng-server-context="ssr"');
    expect(html, path).not.toContain(signedOutText);
    expect(html, path).not.toContain('id="sign-out"');
  }
});

test('a server that renders asks the token server nothing, and mixes up no two requests at once', async () => {
  const world = await start();
  const before = world.proxy.passed.length;
  const targets = Array.from({ length: 20 }, (_, at) => `/account?tab=${at}`);
  const pages = targets.map(async (target) => {
    const page = await fetch(`${world.origin}/login?returnTo=${encodeURIComponent(target)}`);
    return /<p id="return-to">(.*?)<\/p>/.exec(await page.text())?.[1];
  });
  expect(await Promise.all(pages)).toEqual(targets);
  expect(world.proxy.passed).toHaveLength(before);
});

test('M14: the signed-in reload a public page and never see signed-out content', async () => {
  const world = await start();
  await openSignedIn(world);
  await record(world.context);
  const tab = await world.open('/');
  await says(tab, '#who', person.username);
  await says(tab, 'h1', 'Welcome');
  await expectHydrated(tab, world);
});

test('the signed-in reload a guarded page and stay on it, without any signed-out content', async () => {
  const world = await start();
  await openSignedIn(world);
  await record(world.context);
  const tab = await world.open('/account?tab=files');
  await says(tab, '#who', person.username);
  await isAt(tab, '/account?tab=files');
  await says(tab, 'h1', 'Account');
  await expectHydrated(tab, world);
});

test('a guarded page that is left to the browser works as well', async () => {
  const world = await start();
  await openSignedIn(world);
  await record(world.context);
  const tab = await world.open('/members');
  await says(tab, 'h1', 'Members');
  await says(tab, '#who', person.username);
  await expectNeverSignedOut(tab);
  expect(world.complaints).toEqual([]);
});

test('the signed-out are led from a guarded page to the login page and back', async () => {
  const world = await start();
  const tab = await world.open('/account?tab=files');
  await isAt(tab, '/login?returnTo=%2Faccount%3Ftab%3Dfiles');
  await says(tab, 'h1', 'Sign in');
  await signIn(tab);
  await isAt(tab, '/account?tab=files');
  await says(tab, '#who', person.username);
  expect(world.complaints).toEqual([]);
});

declare global {
  interface Window {
    /** All texts that the header and the page's heading ever had, and what was of the server's page. */
    recorded: { texts: Set<string>; rendered: Element | null };
  }
}

/** Notes every state of the page, before and between its scripts: more than any frame could show. */
async function record(context: BrowserContext): Promise<void> {
  await context.addInitScript(() => {
    window.recorded = { texts: new Set(), rendered: null };
    const note = (): void => {
      window.recorded.rendered ??= document.querySelector('app-root[ng-server-context] header');
      for (const element of document.querySelectorAll('#who, h1')) window.recorded.texts.add(element.textContent);
    };
    new MutationObserver(note).observe(document, { subtree: true, childList: true, characterData: true });
  });
}

async function expectNeverSignedOut(tab: Page): Promise<void> {
  const texts = await tab.evaluate(() => [...window.recorded.texts]);
  expect(texts).toContain(person.username);
  expect(texts).not.toContain(signedOutText);
  expect(texts).not.toContain('Sign in');
}

/** The server's elements were taken over, not made anew, and nobody complained (NG0500 and the like). */
async function expectHydrated(tab: Page, world: AppWorld): Promise<void> {
  await expectNeverSignedOut(tab);
  expect(await tab.evaluate(() => window.recorded.rendered === document.querySelector('app-root header'))).toBe(true);
  expect(world.complaints).toEqual([]);
}
