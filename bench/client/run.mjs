import { mkdirSync, writeFileSync } from 'node:fs';
import { inRoot } from '../../tools/bootstrap/root.mjs';
import { angularRequests } from '../angular-requests.mjs';
import { launchChromium } from '../browser.mjs';
import { load, machine } from '../machine.mjs';
import { requests as nodeRequests } from '../requests.mjs';
import { bundleDriver } from './bundles.mjs';
import { bytes } from './bytes.mjs';
import { contenders, senders } from './contenders.mjs';
import { firstRequest } from './first-request.mjs';
import { requests } from './requests.mjs';
import { sizes } from './sizes.mjs';
import { startUp } from './start-up.mjs';
import {
  bytesTable,
  firstRequestTable,
  nodeRequestTable,
  requestTable,
  sizeTable,
  startTable,
  tabsTable,
} from './tables.mjs';
import { refreshesPerExpiry } from './tabs.mjs';
import { targets } from './targets.mjs';
import { startWorld } from './world.mjs';

const extents = {
  full: { rounds: 7, batches: 60, tabs: [1, 8, 32], expiries: 5, loads: 9 },
  quick: { rounds: 2, batches: 10, tabs: [1, 8], expiries: 1, loads: 2 },
};

/** What can be measured by itself: its figures, and how they are drawn. */
const suites = {
  sizes: [sizes, sizeTable],
  bytes: [bytes, bytesTable],
  requests: [requests, requestTable],
  node: [nodeRequests, nodeRequestTable],
  angular: [angularRequests, nodeRequestTable],
  first: [firstRequest, firstRequestTable],
  start: [startUp, startTable],
  tabs: [refreshesPerExpiry, (rows) => tabsTable(rows, contenders)],
};

const print = (text) => process.stdout.write(`\n${text}\n`);

/**
 * Measures the client beside its peers, in Chromium and in Node; prints Markdown, and writes all rounds to
 * `test-output/bench-client.json`. `quick` is for trying out.
 */
export async function benchClient({ quick = false, only }) {
  const extent = extents[quick ? 'quick' : 'full'];
  const scripts = {};
  for (const { driver } of senders) scripts[driver] = await bundleDriver(driver);
  const world = await startWorld(scripts);
  const browser = await launchChromium();
  try {
    const report = { machine: machine(), chromium: browser.version(), at: new Date().toISOString(), quick };
    report.loadBefore = load();
    const hint = quick ? '; quick, so only a hint' : '';
    print(`${report.machine}, Chromium ${report.chromium}; load before ${report.loadBefore}${hint}`);
    for (const name of only ? [only] : Object.keys(suites)) {
      const [measure, draw] = suites[name];
      report[name] = await measure({ world, browser, scripts, extent });
      print(draw(report[name]));
    }
    report.targets = targets(report);
    report.loadAfter = load();
    if (report.targets.length) print(`### Targets\n\n${report.targets.join('\n')}`);
    print(`Load after ${report.loadAfter}.`);
    mkdirSync(inRoot('test-output'), { recursive: true });
    writeFileSync(inRoot('test-output', 'bench-client.json'), `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    await browser.close();
    await world.close();
  }
}
