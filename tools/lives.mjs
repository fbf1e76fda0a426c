import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Worker, isMainThread, parentPort, workerData } from 'node:worker_threads';
import { KindError, explained } from './bootstrap/kind-error.mjs';
import { ready } from './bootstrap/ready.mjs';
import { inRoot } from './bootstrap/root.mjs';
import { speaker } from './bootstrap/say.mjs';

const usage = `npm run lives                        a year of 10,000 people
npm run lives -- --users N --days N  fewer, or for less long
npm run lives -- --seed N            other people, other weather
npm run lives -- --workers N         threads; default: one for each core
npm run lives -- --user N            one life of such a run, event by event`;

/** Users that a worker lives at a time. */
const portion = 20;

const print = (text) => process.stdout.write(`${text}\n`);
const row = (cells) => print(`| ${cells.join(' | ')} |`);
const many = (count) => Math.round(count).toLocaleString('en');

/** Lives the users of one portion after the other, as the main thread hands them out. */
async function work({ seed, days }) {
  const { live } = await import('@latchkey/simulation');
  parentPort.on('message', ({ from, users }) => {
    const { counts, breaches } = live({ seed, from, users, days });
    parentPort.postMessage({ counts, breaches });
  });
}

function liveAll({ users, workers, ...settings }, tally) {
  let handedOut = 0;
  let lived = 0;
  const start = performance.now();
  const tell = () => {
    const minutes = ((performance.now() - start) / 60_000).toFixed(1);
    process.stderr.write(`  ${many(lived)} of ${many(users)} lives, ${minutes} min\n`);
  };
  const runOne = () =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: settings });
      const next = () => {
        if (handedOut >= users) return void worker.terminate().then(resolve);
        const count = Math.min(portion, users - handedOut);
        worker.postMessage({ from: handedOut + 1, users: count });
        handedOut += count;
      };
      worker.on('error', reject);
      worker.on('message', (part) => {
        tally.add(part);
        const before = lived;
        lived = tally.of('users');
        if (Math.floor((lived * 20) / users) > Math.floor((before * 20) / users)) tell();
        next();
      });
      next();
    });
  return Promise.all(Array.from({ length: workers }, runOne));
}

/** All counts whose names begin so, as rows. */
function printCounts(tally, title, prefix) {
  print('');
  row([title, 'times']);
  row(['---', '---:']);
  for (const [name, times] of Object.entries(tally.counts).sort(([a], [b]) => (a < b ? -1 : 1)))
    if (name.startsWith(prefix)) row([name.slice(prefix.length), many(times)]);
}

function printTotals(tally, { sentADay, leastADay, ratio, triesAnHour }) {
  row(['', '']);
  row(['---', '---:']);
  for (const name of ['users', 'user-days', 'profiles', 'tabs opened', 'calls', 'refreshes sent', 'outcome: rotate'])
    row([name, many(tally.of(name))]);
  row(['refreshes sent a user and day', sentADay.toFixed(2)]);
  row(['least possible for what is promised', leastADay.toFixed(2)]);
  row(['ratio', ratio.toFixed(3)]);
  row(['least possible for the calls alone', (tally.of('least, for calls alone') / tally.of('user-days')).toFixed(2)]);
  row(['tries an hour while there is no way through, a page', triesAnHour.toFixed(0)]);
}

function printAll(tally, figures) {
  printTotals(tally, figures);
  printCounts(tally, 'faults on the way of a refresh', 'fault: ');
  printCounts(tally, 'incidents of the server, times the people who lived through them', 'met: ');
  printCounts(tally, 'outcomes of refreshes', 'outcome: ');
  printCounts(tally, 'calls of the app', 'calls ');
  printCounts(tally, 'sign-outs, all of them rightful', 'signed out: ');
  printCounts(tally, 'promises broken', 'breach: ');
  print(`\nSign-outs without a reason: ${many(unreasoned(tally))}`);
}

const unreasoned = ({ counts }) =>
  Object.entries(counts).reduce((sum, [name, times]) => (/^breach: signed out/.test(name) ? sum + times : sum), 0);

async function runAll({ Tally, figuresOf, problemsOf }, options) {
  const tally = new Tally();
  const start = performance.now();
  const before = loadavg();
  await liveAll(options, tally);
  const minutes = ((performance.now() - start) / 60_000).toFixed(1);
  const figures = figuresOf(tally);
  printAll(tally, figures);
  const load = [before, loadavg()].map((one) => one.map((average) => average.toFixed(1)).join(' '));
  print(`Seed ${options.seed}, ${options.workers} threads, ${minutes} min; load before ${load[0]}, after ${load[1]}.`);
  for (const problem of problemsOf(tally)) print(`PROBLEM: ${problem}`);
  for (const { user, at, what } of tally.breaches.slice(0, 20))
    print(
      `  ${new Date(at).toISOString()} ${what}: npm run lives -- --seed ${options.seed} --days ${options.days} --user ${user}`,
    );
  mkdirSync(inRoot('test-output'), { recursive: true });
  const { counts, breaches } = tally;
  writeFileSync(
    inRoot('test-output', 'lives.json'),
    JSON.stringify({ ...options, figures, counts, breaches }, null, 2),
  );
  process.exitCode = problemsOf(tally).length > 0 ? 1 : 0;
}

/** Tells one life. The figures of one say nothing, so only its broken promises count. */
function replay({ live }, { seed, days }, user) {
  const { breaches } = live({ seed, days, from: user, users: 1, tell: print });
  for (const { at, what } of breaches) print(`${new Date(at).toISOString()}  ${what}`);
  print(`\n${breaches.length} promises were broken in the life of user ${user}.`);
  process.exitCode = breaches.length > 0 ? 1 : 0;
}

const names = ['users', 'days', 'seed', 'workers', 'user'];

function readArguments() {
  try {
    const options = Object.fromEntries(names.map((name) => [name, { type: 'string' }]));
    const { values } = parseArgs({ options });
    return Object.fromEntries(Object.entries(values).map(([name, text]) => [name, whole(text, `--${name}`)]));
  } catch (error) {
    throw error instanceof KindError ? error : new KindError(`${error.message}\n\n${usage}`);
  }
}

function whole(text, what) {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new KindError(`${what} is "${text}". Give a whole number from 1, such as 17.\n\n${usage}`);
}

async function main() {
  const given = readArguments();
  const say = speaker();
  if (!(await ready({ say, script: inRoot('tools', 'lives.mjs') }))) return;
  const { buildIfNeeded } = await import('./build.mjs');
  await buildIfNeeded(say);
  const simulation = await import('@latchkey/simulation');
  const { user, ...options } = { users: 10_000, days: 365, seed: 1, workers: availableParallelism(), ...given };
  if (user === undefined) await runAll(simulation, options);
  else replay(simulation, options, user);
}

await (isMainThread ? explained(main) : work(workerData));
