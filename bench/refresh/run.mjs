import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeys, loadKeys } from '@latchkey/server';
import { inRoot } from '../../tools/bootstrap/root.mjs';
import { load, machine } from '../machine.mjs';
import { postgresDatabases, sqliteFiles } from './stores.mjs';
import { partsOfFloor, refreshes, sizes } from './suites.mjs';
import { partsTable, refreshTables, sizeTable } from './tables.mjs';
import { targets } from './targets.mjs';

const extents = {
  full: { clients: [1, 8, 32, 128], milliseconds: 1000, rounds: 5, rows: 10_000, sizes: [1e3, 1e4, 1e5, 1e6] },
  quick: { clients: [1, 32], milliseconds: 300, rounds: 2, rows: 1000, sizes: [1e3, 1e4] },
};

const print = (text) => process.stdout.write(`\n${text}\n`);

/**
 * Measures refreshes over HTTP, with the load generator on the same cores; prints Markdown, and writes all rounds to
 * `test-output/bench-refresh.json`. `quick` is for trying out; `profile` leaves a CPU profile of the one Latchkey process.
 */
export async function benchRefreshes({ quick = false, profile = false, store: only }) {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-bench-'));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  // A million sessions are a gigabyte: not to be left behind by whoever loses patience.
  const impatience = () => (remove(), process.exit(130));
  process.once('SIGINT', impatience);
  try {
    const content = await generateKeys();
    const keyFile = join(folder, 'keys.json');
    writeFileSync(keyFile, JSON.stringify(content), { mode: 0o600 });
    const settings = { folder, keys: await loadKeys(content), profile, extent: extents[quick ? 'quick' : 'full'] };
    const report = { machine: machine(), at: new Date().toISOString(), quick, loadBefore: load() };
    const hint = quick || profile ? '; quick or profiled, so only a hint' : '';
    print(`${report.machine}; load before ${report.loadBefore}${hint}`);
    if (only !== 'postgres') report.sqlite = await measure(sqliteFiles({ folder, keyFile }), settings);
    if (only !== 'sqlite') report.postgres = await measure(await postgresDatabases({ keyFile }), settings);
    report.targets = targets(report);
    report.loadAfter = load();
    print(`### Targets\n\n${report.targets.join('\n')}`);
    print(`Medians of ${settings.extent.rounds} interleaved rounds. Load after ${report.loadAfter}.`);
    mkdirSync(inRoot('test-output'), { recursive: true });
    writeFileSync(inRoot('test-output', 'bench-refresh.json'), `${JSON.stringify(report, null, 2)}\n`);
  } finally {
    process.off('SIGINT', impatience);
    remove();
  }
}

/** One store: prints its tables as they come. */
async function measure(store, settings) {
  try {
    const rates = await refreshes(store, settings);
    print(refreshTables(store.name, rates));
    const parts = await partsOfFloor(store, settings);
    print(partsTable(store.name, parts));
    const bySize = await sizes(store, settings);
    print(sizeTable(store.name, bySize));
    return { store: store.name, rates, parts, bySize };
  } finally {
    await store.close();
  }
}
