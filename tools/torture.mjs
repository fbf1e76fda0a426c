// Real tabs against a token server, while everything between them breaks: see docs/torture.md.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { parseArgs } from 'node:util';
import { KindError, explained } from './bootstrap/kind-error.mjs';
import { ready } from './bootstrap/ready.mjs';
import { inRoot } from './bootstrap/root.mjs';
import { speaker } from './bootstrap/say.mjs';

const usage = `npm run torture -- [options]

  --minutes N     how long (default 10)
  --tabs N        how many tabs (default 8)
  --seed TEXT     what breaks when, again (default: another one each time; it is printed)
  --no-locks      a browser without Web Locks
  --against NAME  latchkey (default), django (SimpleJWT) or oidc-provider
  --table         the newest run of each kind, side by side, without another run
  --help          this text`;

const options = {
  minutes: { type: 'string', default: '10' },
  tabs: { type: 'string', default: '8' },
  seed: { type: 'string' },
  'no-locks': { type: 'boolean', default: false },
  against: { type: 'string', default: 'latchkey' },
  table: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
};

function readArguments() {
  try {
    return parseArgs({ options }).values;
  } catch (error) {
    throw new KindError(`${error.message}\n\n${usage}`);
  }
}

function number(name, text, { from, to }) {
  const value = Number(text);
  if (text !== '' && value >= from && value <= to) return value;
  throw new KindError(`--${name} is "${text}". Give a number from ${from} to ${to}.\n\n${usage}`);
}

/** The engine is the tests' own: Node runs its TypeScript as it is, once it finds the files. */
async function loadEngine() {
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        if (error.code !== 'ERR_MODULE_NOT_FOUND' || !/^\..*\.js$/.test(specifier)) throw error;
        return next(specifier.replace(/\.js$/, '.ts'), context);
      }
    },
  });
  const [engine, report, targets] = await Promise.all(
    ['torture', 'report', 'target'].map((name) => import(`../e2e/torture/harness/${name}.ts`)),
  );
  return { ...engine, ...report, ...targets };
}

/** Finds what must be on the machine, installing it where that can be done. */
async function findPrograms(against) {
  const { findChromium } = await import('./system/chromium.mjs');
  const { findDjango } = await import('./system/django.mjs');
  for (const find of [findChromium, ...(against === 'django' ? [findDjango] : [])]) {
    const { code, output } = await find(process.env);
    if (code !== 0) throw new KindError(output);
  }
}

/** The servers run as they are published; the page is bundled from its sources. */
async function build(say) {
  const { tool } = await import('./checks/tool.mjs');
  const done = say.begin('Building');
  const { code, output } = await tool('tsc', ['-b', 'packages/cli', 'packages/verifier', 'examples/shared']);
  if (code !== 0) throw new KindError(`The build failed:\n\n${output}`);
  done();
}

const file = inRoot('test-output', 'torture.json');

/** The newest run of each kind. */
const kept = () => (existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {});

function keep(result) {
  mkdirSync(inRoot('test-output'), { recursive: true });
  const runs = { ...kept(), [`${result.against}${result.locks ? '' : ', no Web Locks'}`]: result };
  writeFileSync(file, `${JSON.stringify(runs, undefined, 2)}\n`);
}

/** A signal ends the run, and what it has started with it. */
function onSignal() {
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'])
    process.once(name, () => stop.abort(new KindError('Stopped before its time.')));
  return stop;
}

async function main({ minutes, tabs, seed, against, ...rest }) {
  const say = speaker();
  const length = number('minutes', minutes, { from: 0.1, to: 10_000 });
  const choices = {
    against,
    locks: !rest['no-locks'],
    tabs: number('tabs', tabs, { from: 1, to: 50 }),
    seed: seed ?? Date.now().toString(36),
  };
  await findPrograms(against);
  await build(say);
  const { torture, reportOf, targetNames } = await loadEngine();
  if (!targetNames.includes(against))
    throw new KindError(`--against is "${against}". There are: ${targetNames.join(', ')}.\n\n${usage}`);
  say(`${length} minutes against ${against}, ${tabs} tabs, seed ${choices.seed}`);
  const { signal } = onSignal();
  const result = await torture({ ...choices, minutes: length, say, signal });
  process.stdout.write(`\n${reportOf([result])}\n`);
  keep(result);
  process.exitCode = result.problems.length === 0 ? 0 : 1;
}

await explained(async () => {
  const values = readArguments();
  if (values.help) return void process.stdout.write(`${usage}\n`);
  if (!(await ready({ say: speaker(), script: inRoot('tools', 'torture.mjs') }))) return;
  if (values.table) return void process.stdout.write(`${(await loadEngine()).reportOf(Object.values(kept()))}\n`);
  await main(values);
});
// After a signal something may still be waiting for what is gone.
if (process.exitCode) process.exit();
