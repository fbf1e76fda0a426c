import { medianOfEach } from './rounds.mjs';
import { driven } from './contenders.mjs';

/** Real milliseconds after which no client takes its session for one that was refreshed just now. */
const noLongerNew = 11_000;

/**
 * When the first request with a token leaves a page that opens with a fresh token in storage: milliseconds from the
 * navigation and from the script's first line, and how many answers it waited for before that. Every round opens
 * a profile of its own, signed in beforehand.
 */
export async function firstRequest({ world, browser, extent }) {
  const prepared = new Map();
  for (const { driver } of driven) {
    const contexts = [];
    for (let round = 0; round <= extent.loads; round++)
      contexts.push(await signedIn(`${driver}-load-${round}`, { driver, world, browser }));
    prepared.set(driver, contexts);
  }
  await new Promise((resolve) => setTimeout(resolve, noLongerNew));
  return medianOfEach(
    driven.map(({ name, driver }) => ({
      about: { name },
      run: (round) => load(prepared.get(driver)[round], { driver, world }),
    })),
    extent.loads,
  );
}

async function signedIn(username, { driver, world, browser }) {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${world.origin}/page/${driver}?idle`);
  await page.evaluate(async (name) => {
    await window.openClient(window.place).signIn(name);
  }, username);
  await page.close();
  return context;
}

async function load(context, { driver, world }) {
  const page = await context.newPage();
  await page.goto(`${world.origin}/page/${driver}`);
  await page.waitForFunction(() => performance.getEntriesByName(`${window.place.origin}/api/first`).length);
  const figures = await page.evaluate(readFigures);
  await context.close();
  return figures;
}

/** In the page. An answer that the client waited for is one that was there before the first request left. */
async function readFigures() {
  const { status } = await window.first;
  if (status !== 200) throw new Error(`The first request was answered ${status}.`);
  const [script] = performance.getEntriesByName('script');
  const [{ startTime }] = performance.getEntriesByName(`${window.place.origin}/api/first`);
  const requests = performance.getEntriesByType('resource').filter(({ initiatorType }) => initiatorType === 'fetch');
  const awaited = requests.filter(({ responseEnd }) => responseEnd <= startTime).length;
  return { sinceNavigation: startTime, sinceScript: startTime - script.startTime, awaited };
}
