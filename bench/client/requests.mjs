import { medianOfEach } from './rounds.mjs';
import { countTurns, makeFetchSwitchable, prepareStub, sendMany } from './in-page.mjs';
import { senders } from './contenders.mjs';

/**
 * What each client adds to a request while the token is fresh, in Chromium: a stub stands in for the network, the client
 * is signed in as it would be. Microseconds until `fetch` is called and until the answer is there, and the turns between.
 */
export async function requests({ world, browser, extent }) {
  const opened = [];
  for (const sender of senders) opened.push({ ...sender, ...(await openPage(sender, { world, browser })) });
  try {
    return await medianOfEach(
      opened.map(({ name, floor, driver, page, turns }) => ({
        about: { name, driver, floor, ...turns },
        run: (round) => page.evaluate(sendMany, { batches: extent.batches, round }),
      })),
      extent.rounds,
    );
  } finally {
    await Promise.all(opened.map(({ context }) => context.close()));
  }
}

async function openPage({ driver }, { world, browser }) {
  const context = await browser.newContext();
  await context.addInitScript(makeFetchSwitchable);
  const page = await context.newPage();
  await page.goto(`${world.origin}/page/${driver}?idle`);
  const hasToken = await page.evaluate(prepareStub, `user-of-${driver}`);
  if (hasToken === driver.endsWith('plain'))
    throw new Error(`${driver}: the request ${hasToken ? 'has a' : 'has no'} token.`);
  const turns = await page.evaluate(countTurns);
  return { context, page, turns };
}
