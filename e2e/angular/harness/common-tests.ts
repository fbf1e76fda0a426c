import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeEngine } from '../../harness/browser.js';
import { minutes } from '../../harness/lengths-of-time.js';
import { isAt } from '../../harness/pages.js';
import { type AppWorld, person, startAppWorld } from './app-world.js';
import { type AngularLine, type BuiltApp, buildTimeout, builtApp } from './built-app.js';

/** An app, and what is to be found in it. */
export interface AppUnderTest {
  readonly line: AngularLine;
  readonly name: string;
  /** How HttpClient sends. */
  readonly sender: 'fetch' | 'xhr';
  readonly zone: boolean;
  /** Whether a server renders its pages. */
  readonly renders?: boolean;
}

const patience = { timeout: 15_000 };

/** Waits until an element says this. */
export const says = (tab: Page, selector: string, text: string): Promise<void> =>
  expect.poll(() => tab.locator(selector).allInnerTexts(), { ...patience, message: selector }).toEqual([text]);

/** Signs in on the login page. */
export async function signIn(tab: Page): Promise<void> {
  await tab.fill('#username', person.username);
  await tab.fill('#password', person.password);
  await tab.click('#sign-in');
}

/** Opens the guarded page, signs in on the way, and waits until it is there. */
export async function openSignedIn(world: AppWorld): Promise<Page> {
  const tab = await world.open('/account');
  await signIn(tab);
  await isAt(tab, '/account');
  return tab;
}

/** Clicks, and waits until the page says that this path of the API has answered. */
async function ask(tab: Page, button: string, path = '/time'): Promise<void> {
  await tab.click(button);
  await says(tab, '#answer', `${path} answered`);
}

const refreshes = ({ proxy }: AppWorld): number => proxy.count(/^POST \/auth\/refresh$/);

/** What every app must do, whatever it is made of. Call it in a group that says what that is. */
export function commonTests(subject: AppUnderTest): void {
  let app: BuiltApp;
  const start = (): Promise<AppWorld> => startAppWorld(app, { renders: subject.renders ?? false });
  beforeAll(async () => void (app = await builtApp(subject.line, subject.name)), buildTimeout);
  afterAll(closeEngine);

  test('is built without a warning', () => {
    expect(app.log).toContain('bundle generation complete');
    expect(app.log).not.toMatch(/warning/i);
  });

  test('is what this file says it is', async () => {
    const world = await start();
    const senders = new Set<string>();
    world.context.on('request', (sent) => {
      if (sent.url().endsWith('/time')) senders.add(sent.resourceType());
    });
    const tab = await openSignedIn(world);
    await ask(tab, '#ask');
    expect([...senders]).toEqual([subject.sender]);
    expect(await tab.evaluate(() => 'Zone' in window)).toBe(subject.zone);
  });

  test('leads to the login page and back to the very page, which gets the token', async () => {
    const world = await start();
    const tab = await world.open('/account?tab=files');
    await isAt(tab, '/login?returnTo=%2Faccount%3Ftab%3Dfiles');
    await says(tab, '#who', 'Nobody is signed in');
    await signIn(tab);
    await isAt(tab, '/account?tab=files');
    await says(tab, '#url', '/account?tab=files');
    await says(tab, '#who', person.username);
    await ask(tab, '#ask');
    expect(world.api.received).toMatchObject([{ url: '/time', status: 200, subject: expect.any(String) }]);
    expect(world.complaints).toEqual([]);
  });

  test('is still signed in after a reload, and never passes by the login page', async () => {
    const world = await start();
    const tab = await openSignedIn(world);
    const seen: string[] = [];
    tab.on('framenavigated', () => seen.push(new URL(tab.url()).pathname));
    await tab.reload();
    await says(tab, '#who', person.username);
    await ask(tab, '#ask');
    expect(new Set(seen)).toEqual(new Set(['/account']));
    expect(world.complaints).toEqual([]);
  });

  test('refreshes once and repeats once what the API refused for its token', async () => {
    const world = await start();
    const tab = await openSignedIn(world);
    // The servers' time moves on, the browser's does not: it takes its token for a good one.
    world.clock.advance(minutes(20));
    const before = refreshes(world);
    await ask(tab, '#ask');
    expect(world.api.received.map(({ status }) => status)).toEqual([401, 200]);
    expect(new Set(world.api.received.map(({ headers }) => headers.authorization)).size).toBe(2);
    expect(refreshes(world) - before).toBe(1);
  });

  test('sends without a token what asks for that, by context and by header', async () => {
    const world = await start();
    const tab = await openSignedIn(world);
    await ask(tab, '#skip-by-context', '/public/terms');
    await ask(tab, '#skip-by-header', '/public/rules');
    expect(world.api.received.map(({ url }) => url)).toEqual(['/public/terms', '/public/rules']);
    for (const { headers } of world.api.received) {
      expect(headers).not.toHaveProperty('authorization');
      expect(headers).not.toHaveProperty('skip');
    }
  });

  test('shows a picture that only the signed-in may see', async () => {
    const world = await start();
    const tab = await openSignedIn(world);
    await keepPicture(tab, `${world.apiUrl}/files/picture`);
    await tab.click('#show-picture');
    await expect.poll(() => widthOf(tab), patience).toBe(3);
  });

  test('leaves for the login page in both tabs when one signs out, and comes back in both when one signs in', async () => {
    const world = await start();
    const one = await openSignedIn(world);
    const other = await world.open('/account?tab=files');
    await says(other, '#who', person.username);
    await one.click('#sign-out');
    await isAt(one, '/login');
    await isAt(other, '/login');
    await says(other, '#who', 'Nobody is signed in');
    await signIn(other);
    await isAt(other, '/');
    await isAt(one, '/');
    await says(one, '#who', person.username);
    expect(world.complaints).toEqual([]);
  });
}

/** Puts a picture, three pixels wide, where only the signed-in can read it. */
async function keepPicture(tab: Page, url: string): Promise<void> {
  const status = await tab.evaluate(async (target) => {
    const canvas = document.createElement('canvas');
    canvas.width = canvas.height = 3;
    const body = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve));
    const text = localStorage.getItem('latchkey.default') ?? '{}';
    const { session } = JSON.parse(text) as { session: { accessToken: string } };
    const headers = { Authorization: `Bearer ${session.accessToken}`, 'content-type': 'image/png' };
    return (await fetch(target, { method: 'PUT', headers, body })).status;
  }, url);
  expect(status).toBe(204);
}

/** The picture's own width; 0 while there is none. */
const widthOf = (tab: Page): Promise<number> =>
  tab.evaluate(() => document.querySelector<HTMLImageElement>('#picture')?.naturalWidth ?? 0);
