import { type Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { isAt } from '../harness/pages.js';
import { startAppWorld } from './harness/app-world.js';
import { type BuiltApp, buildTimeout, builtApp } from './harness/built-app.js';
import { says } from './harness/common-tests.js';
import { guideApi } from './harness/guide-app.js';

let app: BuiltApp;
beforeAll(async () => void (app = await builtApp('v22', 'guide')), buildTimeout);
afterAll(closeEngine);

/** Types a name and a password, and presses a button, as the guide says. */
async function enter(tab: Page, button: string): Promise<void> {
  await tab.getByLabel('User name').fill('maria');
  await tab.getByLabel('Password').fill('correct horse battery');
  await tab.getByRole('button', { name: button, exact: true }).click();
}

const header = 'header';
const maria = 'maria Sign out';

test('M14: the guide’s own words make an app of ng new that is signed in, guarded, and the same in two tabs', async () => {
  expect(app.log).not.toMatch(/warning/i);
  const world = await startAppWorld(app, { builtFor: guideApi });
  const tab = await world.open('/');
  await isAt(tab, '/login');
  await enter(tab, 'Sign up');
  await isAt(tab, '/account');
  await says(tab, header, maria);
  await tab.getByText('The API knows you as maria').waitFor();

  const seen: string[] = [];
  tab.on('framenavigated', () => seen.push(new URL(tab.url()).pathname));
  await tab.reload();
  await says(tab, header, maria);
  expect(new Set(seen)).toEqual(new Set(['/account']));

  const other = await world.open('/');
  await says(other, header, maria);
  await tab.getByRole('button', { name: 'Sign out' }).click();
  await isAt(tab, '/login');
  await isAt(other, '/login');
  await enter(other, 'Sign in');
  for (const one of [tab, other]) await says(one, header, maria);
  expect(world.complaints).toEqual([]);

  const down = world.proxy.fail(/ \/auth\//, { kind: 'drop-request' });
  await isAt(tab, '/account');
  await tab.reload();
  await says(tab, header, maria);
  await tab.getByRole('alert').getByRole('button', { name: 'Try again' }).waitFor();
  down.lift();
  await tab.getByRole('button', { name: 'Try again' }).click();
  await tab.getByText('The API knows you as maria').waitFor();
});
