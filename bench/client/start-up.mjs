import { medianOfEach } from './rounds.mjs';
import { driven } from './contenders.mjs';

/**
 * What a client costs a page that opens, signed in: milliseconds of the main thread to compile and run its script, to make
 * (and start) the client, and until the first request has been answered; and kilobytes of memory that then stay. Each
 * round in a new page, with a script that the engine has not seen.
 */
export async function startUp({ world, browser, scripts, extent }) {
  const contexts = new Map();
  for (const { driver } of driven) {
    const context = await browser.newContext();
    const page = await context.newPage();
    await page.goto(`${world.origin}/page/${driver}?idle`);
    await page.evaluate(async (name) => {
      await window.openClient(window.place).signIn(name);
    }, `${driver}-start`);
    await page.close();
    contexts.set(driver, context);
  }
  const measurements = driven.map(({ name, driver }) => ({
    about: { name },
    run: (round) => start(contexts.get(driver), { script: `${scripts[driver]}\n//${round}`, world }),
  }));
  const measured = await medianOfEach(measurements, extent.loads);
  await Promise.all([...contexts.values()].map((context) => context.close()));
  return measured;
}

async function start(context, { script, world }) {
  const page = await context.newPage();
  await page.goto(`${world.origin}/page/nobody?idle`);
  // Any app opens these, and the first look at them waits for the browser's process.
  await page.evaluate(() => localStorage.length + sessionStorage.length + document.cookie.length);
  const devtools = await context.newCDPSession(page);
  await devtools.send('Performance.enable');
  const before = await heap(devtools);
  const cpu = async (code, argument) => {
    const from = await threadTime(devtools);
    await page.evaluate(code, argument);
    return (await threadTime(devtools)) - from;
  };
  const ran = await cpu((text) => void (0, eval)(text), script);
  const opened = await cpu(() => void (window.client = window.openClient(window.place)));
  const sent = await cpu(() => window.client.send(`${window.place.origin}/api/start`).then(() => undefined));
  const memory = (await heap(devtools)) - before;
  await page.close();
  return { ran, opened, sent, memory };
}

/** Milliseconds of a processor that the page's main thread has had: waiting, also for a processor, does not count. */
async function threadTime(devtools) {
  const { metrics } = await devtools.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'ThreadTime').value * 1000;
}

/** Kilobytes in use after everything has been thrown away that can be. */
async function heap(devtools) {
  await devtools.send('HeapProfiler.collectGarbage');
  return (await devtools.send('Runtime.getHeapUsage')).usedSize / 1000;
}
