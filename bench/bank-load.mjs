import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { buildBank, fromBank } from '../tools/build.mjs';
import { launchChromium } from './browser.mjs';
import { interleaved } from './measure.mjs';

/**
 * How the bank loads for somebody who is signed in, with nothing in the browser's cache, against the same app over a
 * bare token in localStorage: what travels, the first paint, and the first figure, which waits for the API.
 */
export async function bankLoad() {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  const ends = [() => rmSync(folder, { recursive: true, force: true })];
  try {
    const without = join(folder, 'without-latchkey');
    const built = await buildBank('--ts-config', 'tsconfig.without-latchkey.json', '--output-path', without);
    if (built.code !== 0) throw new Error(built.output);
    const browser = await launchChromium();
    ends.push(() => browser.close());
    const { startBank } = await fromBank('start-bank');
    const open = async (name, options) => {
      const bank = await startBank({ dataFolder: join(folder, name), ...options });
      ends.push(() => bank.close());
      return { bank, context: await browser.newContext() };
    };
    const bare = await open('bare', { pageFolder: join(without, 'browser') });
    const latchkey = await open('latchkey', {});
    await putToken(bare);
    await signIn(latchkey);
    return tables(await measure({ bare, latchkey }));
  } finally {
    for (const end of ends.reverse()) await end();
  }
}

/** The token where the app without Latchkey looks for it. */
async function putToken({ bank, context }) {
  const { username, password } = bank.user;
  const answer = await fetch(`${bank.url}/auth/sign-in`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  const { access: accessToken, user } = await answer.json();
  const page = await context.newPage();
  await page.goto(`${bank.url}/favicon.svg`);
  const session = { accessToken, user, accessExpiresAt: Date.now() + 300_000 };
  await page.evaluate((text) => localStorage.setItem('latchkey.default', text), JSON.stringify({ session }));
  await page.close();
}

async function signIn({ bank, context }) {
  const page = await context.newPage();
  await page.goto(`${bank.url}/login`);
  await page.fill('[data-testid=username]', bank.user.username);
  await page.fill('[data-testid=password]', bank.user.password);
  await page.click('[data-testid=login-submit]');
  await page.waitForSelector('[data-testid=total]');
  await page.close();
}

/** One load: milliseconds to the first paint and to the first figure, and the bytes of all files, compressed. */
async function load({ bank, context }) {
  const page = await context.newPage();
  const devtools = await context.newCDPSession(page);
  await devtools.send('Network.setCacheDisabled', { cacheDisabled: true });
  const files = [];
  page.on('response', (response) => {
    if (!/\/(api|auth)\//.test(response.url())) files.push(response.body());
  });
  await page.addInitScript(() => {
    new MutationObserver(() => {
      if (document.querySelector('[data-testid=total]')) window.figureAt ??= performance.now();
    }).observe(document, { childList: true, subtree: true });
  });
  await page.goto(bank.url);
  await page.waitForFunction(() => window.figureAt && performance.getEntriesByType('paint').length > 0);
  const [paint, figure] = await page.evaluate(() => [
    performance.getEntriesByName('first-contentful-paint')[0].startTime,
    window.figureAt,
  ]);
  page.removeAllListeners('response');
  const bytes = (await Promise.all(files)).reduce((sum, body) => sum + brotliCompressSync(body).length, 0);
  await page.close();
  return { paint, figure, bytes };
}

/** Loads both in turn; the figures of one load are read one after the other. */
async function measure(banks) {
  const last = {};
  const names = ['paint', 'figure', 'bytes'];
  const contenders = Object.entries(banks).flatMap(([bank, opened]) =>
    names.map((name) => [
      `${bank} ${name}`,
      async () => {
        if (name === names[0]) last[bank] = await load(opened);
        return last[bank][name];
      },
    ]),
  );
  return interleaved(Object.fromEntries(contenders), 9);
}

function tables(figures) {
  const table = (title, name, unit, scale = 1) => ({
    title,
    unit,
    floor: 'without Latchkey',
    figures: {
      'without Latchkey': figures[`bare ${name}`] / scale,
      'with Latchkey': figures[`latchkey ${name}`] / scale,
    },
  });
  return [
    table('The bank, loaded by somebody who is signed in: files, compressed by brotli', 'bytes', 'kB', 1000),
    table('The same: first contentful paint, cold cache', 'paint', 'ms'),
    table('The same: the first figure from the API is in the page', 'figure', 'ms'),
  ];
}
