import type { Page } from 'playwright-core';
import { afterAll, describe, expect, test } from 'vitest';
import { closeEngine } from '../harness/browser.js';
import { isAt } from '../harness/pages.js';
import { until } from '../harness/until.js';
import { type BankWorld, at, openSignedIn, says, signIn, startBankWorld, visit } from './harness/bank-world.js';
import { looksAt, sizes } from './harness/look.js';

afterAll(closeEngine);

/** The launcher in a tab, and the bank in another, signed in. */
async function openBoth(world: BankWorld): Promise<{ launcher: Page; tab: Page }> {
  const tab = await openSignedIn(world);
  const launcher = await world.browser.context.newPage();
  await launcher.goto(world.bank.launcherUrl);
  await shows(launcher, '#glance-network', 'Fine');
  return { launcher, tab };
}

const shows = (launcher: Page, place: string, text: string | RegExp): Promise<void> =>
  until(
    async () => {
      const found = (await launcher.innerText(place)).trim();
      return typeof text === 'string' ? found === text : text.test(found);
    },
    { what: `${place} of the launcher shows ${String(text)}` },
  );

const press = (launcher: Page, name: string): Promise<void> =>
  launcher.getByRole('button', { name, exact: true }).click();

const choose = (launcher: Page, name: string): Promise<void> =>
  launcher.getByRole('radio', { name: new RegExp(`^${name}`) }).check();

/** The texts that take more than one line. */
const wrapped = (cells: Element[]): (string | null)[] =>
  cells
    .filter((cell) => {
      const text = document.createRange();
      text.selectNodeContents(cell);
      return new Set([...text.getClientRects()].map(({ top }) => Math.round(top))).size > 1;
    })
    .map((cell) => cell.textContent);

/** The headings over which the launcher says what was done. */
const covered = (headings: Element[]): (string | null)[] => {
  const said = document.querySelector('#said')!.getBoundingClientRect();
  return headings
    .filter((heading) => {
      const { top, bottom, left, right } = heading.getBoundingClientRect();
      return top < said.bottom && bottom > said.top && left < said.right && right > said.left;
    })
    .map((heading) => heading.textContent);
};

describe('the launcher', () => {
  test('M2: loses the answer to a refresh, and the person stays, by a retry with the same key', async () => {
    const world = await startBankWorld();
    const { launcher, tab } = await openBoth(world);
    await press(launcher, 'Lose the answer to the next refresh');
    await press(launcher, '+4 min');
    await press(launcher, '+4 min');
    await visit(tab, 'devices');
    await tab.reload();
    await says(tab, 'user-name', world.bank.user.displayName);
    await shows(launcher, '#count-lost', '1');
    await shows(launcher, '#count-retries', /^[1-9]/);
    await visit(tab, 'accounts');
    await says(tab, 'total', /€/);
    expect(world.browser.complaints).toEqual([]);
  });

  test('M2: stops the server and starts it again, cuts the network, plays a hotel: the person stays', async () => {
    const world = await startBankWorld();
    const { launcher, tab } = await openBoth(world);
    for (const trouble of ['Stopped', '503', '429', '500', 'A hotel']) {
      await choose(launcher, trouble);
      await visit(tab, 'devices');
      await says(tab, 'load-error', /.+/);
      await tab.reload();
      await says(tab, 'load-error', /.+/);
      await says(tab, 'user-name', world.bank.user.displayName);
      await launcher.locator('input[name=server][value=fine]').check();
      await visit(tab, 'accounts');
      await says(tab, 'total', /€/);
    }
    await choose(launcher, 'Cut off');
    await visit(tab, 'devices');
    await says(tab, 'load-error', /^We cannot reach the bank/);
    await says(tab, 'user-name', world.bank.user.displayName);
    expect(world.browser.complaints).toEqual([]);
  });

  test('M2: signs the person out from another device, and every tab is at the sign-in page', async () => {
    const world = await startBankWorld();
    const { launcher, tab } = await openBoth(world);
    await press(launcher, `Sign ${world.bank.user.username} out everywhere, from another device`);
    await shows(launcher, '#said', /.+/);
    await tab.click('[data-testid=nav-devices]');
    await isAt(tab, '/login?returnTo=%2Fdevices');
    await says(tab, 'why-here', /^Your session has ended/);
    expect(world.browser.complaints).toEqual([]);
  });

  test('does so, too, when the demo’s password was changed; the bank then offers to fill in none', async () => {
    const world = await startBankWorld();
    const { launcher, tab } = await openBoth(world);
    await visit(tab, 'profile');
    await tab.fill(at('current-password'), world.bank.user.password);
    await tab.fill(at('new-password'), 'nine quiet rivers');
    await tab.click(at('password-submit'));
    await says(tab, 'password-saved', /.+/);
    await press(launcher, `Sign ${world.bank.user.username} out everywhere, from another device`);
    await shows(launcher, '#said', /is signed out everywhere/);
    await tab.click(at('nav-devices'));
    await isAt(tab, '/login?returnTo=%2Fdevices');
    await says(tab, 'demo-changed', /^The demo’s account is maria/);
    expect(await tab.locator(at('fill-in-demo')).count()).toBe(0);
    const { see, problems } = looksAt(tab, 'desktop');
    await see('29-password-of-the-demo-changed');
    expect(problems).toEqual([]);
    await signIn(tab, { ...world.bank.user, password: 'nine quiet rivers' });
    await isAt(tab, '/devices');
    expect(world.browser.complaints).toEqual([]);
  });

  test.each(['phone', 'desktop'] as const)('on a %s, light and dark, breaks no rule of axe and fits', async (size) => {
    const world = await startBankWorld({ look: { viewport: sizes[size] } });
    const { launcher, tab } = await openBoth(world);
    const { see, problems } = looksAt(launcher, size);
    await choose(launcher, '503');
    await press(launcher, 'Lose the next 3');
    await press(launcher, '+10 min');
    await tab.reload();
    await shows(launcher, '#rows', /503/);
    expect(await launcher.locator('.verdict').evaluateAll(wrapped)).toEqual([]);
    await launcher.evaluate(() => scrollTo(0, 0));
    expect(await launcher.locator('h1, h2').evaluateAll(covered)).toEqual([]);
    await see('30-launcher');
    expect(problems).toEqual([]);
    expect(world.browser.complaints).toEqual([]);
  });
});
