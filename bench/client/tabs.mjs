import { medianOfEach } from './rounds.mjs';
import { lifetime } from './peer-server.mjs';
import { contenders } from './contenders.mjs';

/** Real milliseconds without any request to a token server after which an expiry counts as over. */
const quiet = 1000;

/**
 * How many refreshes reach the token server when an access token expires under so many open tabs: all sleep at once for a
 * lifetime, as under the lid of a laptop, and wake at once; each makes a request of its own. Beside it, the tabs whose
 * request was answered 401 or failed.
 */
export async function refreshesPerExpiry({ world, browser, extent }) {
  const measured = [];
  for (const tabs of extent.tabs) {
    for (const { name, driver } of contenders.filter(({ tabs: canBeDriven }) => canBeDriven)) {
      const profile = await openTabs({ driver, tabs }, { world, browser });
      const about = { name, tabs };
      measured.push(...(await medianOfEach([{ about, run: () => expire(profile, world) }], extent.expiries)));
      await profile.context.close();
    }
  }
  return measured;
}

async function openTabs({ driver, tabs }, { world, browser }) {
  const context = await browser.newContext();
  await context.clock.install({ time: world.clock.now() });
  const address = `${world.origin}/page/${driver}`;
  const first = await context.newPage();
  await first.goto(`${address}?idle`);
  await first.evaluate(async (username) => {
    window.client = window.openClient(window.place);
    await window.client.signIn(username);
  }, `${driver}-${tabs}`);
  const pages = [first];
  while (pages.length < tabs) pages.push(await openTab(context, address));
  await settled(world);
  return { context, pages, counts: driver === 'latchkey' ? world.counts.latchkey : world.counts.peers };
}

async function openTab(context, address) {
  const page = await context.newPage();
  await page.goto(address);
  await page.evaluate(() => window.first.then(() => undefined));
  return page;
}

/** One expiry, from falling asleep to the last answer. */
async function expire({ context, pages, counts }, world) {
  const before = { ...counts };
  world.clock.advance(lifetime * 1000);
  await context.clock.fastForward(lifetime * 1000);
  const statuses = await Promise.all(pages.map((page) => page.evaluate(request)));
  await settled(world);
  return {
    refreshes: counts.refreshes - before.refreshes,
    refused: counts.refused - before.refused,
    failed: statuses.filter((status) => status !== 200).length,
  };
}

const request = () =>
  window.client.send(`${window.place.origin}/api/after-sleep`).then(
    ({ status }) => status,
    (error) => String(error),
  );

/** Waits until nothing has asked a token server for a while. */
async function settled({ counts }) {
  const sum = () => counts.latchkey.refreshes + counts.peers.refreshes;
  for (let last = -1; last !== sum();) {
    last = sum();
    await new Promise((resolve) => setTimeout(resolve, quiet));
  }
}
