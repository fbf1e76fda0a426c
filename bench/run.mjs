import { mkdirSync, writeFileSync } from 'node:fs';
import { explained } from '../tools/bootstrap/kind-error.mjs';
import { ready } from '../tools/bootstrap/ready.mjs';
import { inRoot } from '../tools/bootstrap/root.mjs';
import { speaker } from '../tools/bootstrap/say.mjs';
import { load, machine } from './machine.mjs';

/** Prints the figures of one measurement, each with its ratio to the floor. */
function printTable({ title, unit, floor, figures, note }) {
  process.stdout.write(`\n${title}\n`);
  const width = Math.max(...Object.keys(figures).map((name) => name.length));
  for (const [name, figure] of Object.entries(figures)) {
    const ratio = name === floor ? '' : `  ${(figure / figures[floor]).toFixed(2)} × ${floor}`;
    process.stdout.write(`  ${name.padEnd(width)}  ${format(figure).padStart(9)} ${unit}${ratio}\n`);
  }
  if (note) process.stdout.write(`  ${note}\n`);
}

const format = (figure) => (figure >= 100 ? Math.round(figure).toLocaleString('en') : figure.toFixed(2));

await explained(async () => {
  const say = speaker();
  if (!(await ready({ say, script: inRoot('bench', 'run.mjs') }))) return;
  const { buildIfNeeded } = await import('../tools/build.mjs');
  await buildIfNeeded(say);
  const { requests } = await import('./requests.mjs');
  const { angularRequests } = await import('./angular-requests.mjs');
  const { verification } = await import('./verification.mjs');
  const { refreshes } = await import('./refreshes.mjs');
  const { bankLoad } = await import('./bank-load.mjs');
  const loadBefore = load();
  process.stdout.write(`${machine()}; load ${loadBefore}\n`);
  const results = [];
  for (const measure of [requests, angularRequests, verification, refreshes, bankLoad]) {
    const tables = [await measure()].flat();
    tables.forEach(printTable);
    results.push(...tables);
  }
  process.stdout.write(`\nMedians of 7 interleaved rounds or more. Load at the end: ${load()}\n`);
  mkdirSync(inRoot('test-output'), { recursive: true });
  const report = { machine: machine(), at: new Date().toISOString(), loadBefore, loadAfter: load(), results };
  writeFileSync(inRoot('test-output', 'bench.json'), `${JSON.stringify(report, null, 2)}\n`);
});
