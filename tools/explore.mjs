import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { KindError, explained } from './bootstrap/kind-error.mjs';
import { ready } from './bootstrap/ready.mjs';
import { inRoot } from './bootstrap/root.mjs';
import { speaker } from './bootstrap/say.mjs';

const usage = `npm run explore                     every scope, every mutant, walks by 100 seeds
npm run explore -- --scope NAME     one scope
npm run explore -- --seed N         one walk again, event by event (--scope NAME for which, --steps N)`;

const print = (text) => process.stdout.write(`${text}\n`);
const row = (cells) => print(`| ${cells.join(' | ')} |`);
const head = (cells) => (row(cells), row(cells.map(() => '---')));
const many = (count) => count.toLocaleString('en');

/** Explores one model and prints its row. */
function exploreOne(name, model, explore) {
  const start = performance.now();
  const found = explore(model);
  const { states, transitions, depth, cut, counterexample } = found;
  const verdict = counterexample ? `**${counterexample.property}**` : 'holds';
  const seconds = ((performance.now() - start) / 1000).toFixed(0);
  row([name, many(states), many(transitions), depth, cut, verdict, `${seconds} s`]);
  if (counterexample) print(counterexample.events.map((event, at) => `    ${at + 1}. ${event}`).join('\n'));
  return { name, ...found };
}

function exploreAll(models, explore) {
  head(['scope', 'states', 'transitions', 'depth', 'cut off', 'invariants', 'time']);
  return models.map(([name, model]) => exploreOne(name, model, explore));
}

function addUp(results) {
  const total = {};
  for (const { hits } of results)
    for (const [name, times] of Object.entries(hits)) total[name] = (total[name] ?? 0) + times;
  return Object.fromEntries(Object.entries(total).sort(([a], [b]) => (a < b ? -1 : 1)));
}

function printHits(hits) {
  head(['outcome (of whom)', 'times']);
  for (const [name, times] of Object.entries(hits)) row([name, many(times)]);
}

function tryMutants(mutants, explore) {
  head(['mutant', 'named by', 'scope', 'states', 'events to the counterexample', 'what breaks']);
  return mutants.map(({ name, from, scope, model }) => {
    const { states, counterexample } = explore(model(), 1_000_000);
    const found = counterexample ? [counterexample.events.length, counterexample.property] : ['', '**not caught**'];
    row([name, from, scope, many(states), ...found]);
    return { name, from, scope, states, counterexample };
  });
}

function takeWalks({ walk, walkScopes, refreshing }, steps) {
  head(['walks', 'seeds', 'events', 'broken']);
  return walkScopes.map((scope) => {
    const walks = Array.from({ length: 100 }, (_, seed) => walk(refreshing(scope), { seed, steps }));
    const broken = walks.filter((one) => one.broken !== undefined).map(({ seed, broken: what }) => `${seed}: ${what}`);
    const events = walks.reduce((sum, one) => sum + one.events.length, 0);
    row([scope.name, '0–99', many(events), broken.length ? `**${broken.join('; ')}**` : 'none']);
    return { scope: scope.name, events, broken };
  });
}

function replay({ walk, walkScopes, refreshing }, { scope: name, seed, steps }) {
  const scope = walkScopes.find((one) => one.name === (name ?? walkScopes[0].name));
  if (!scope)
    throw new KindError(`No walk is called ${name}. There are: ${walkScopes.map((one) => one.name).join('; ')}.`);
  const { events, broken } = walk(refreshing(scope), { seed, steps });
  print(events.map((event, at) => `${String(at + 1).padStart(5)}  ${event}`).join('\n'));
  print(broken === undefined ? `\nEvery invariant held, with seed ${seed} of "${scope.name}".` : `\nBroken: ${broken}`);
  process.exitCode = broken === undefined ? 0 : 1;
}

function runAll(simulation, { scope: name, steps }) {
  const { accounts, explore, longScopes, mutants, refreshing, shortScopes } = simulation;
  const scopes = [...shortScopes, ...longScopes].map((scope) => [scope.name, refreshing(scope)]);
  const models = [...scopes, ['accounts', accounts()]].filter(([one]) => name === undefined || one === name);
  if (!models.length)
    throw new KindError(`No scope is called ${name}. There are: ${scopes.map(([one]) => one).join('; ')}.`);
  const explored = exploreAll(models, explore);
  print('');
  const hits = addUp(explored);
  printHits(hits);
  const all = name === undefined;
  print('');
  const tried = all ? tryMutants(mutants, explore) : [];
  print('');
  const walks = all ? takeWalks(simulation, steps) : [];
  mkdirSync(inRoot('test-output'), { recursive: true });
  writeFileSync(inRoot('test-output', 'explore.json'), JSON.stringify({ explored, hits, tried, walks }, null, 2));
  const failed =
    explored.some(({ cut, counterexample }) => cut > 0 || counterexample) ||
    tried.some(({ counterexample }) => !counterexample) ||
    walks.some(({ broken }) => broken.length > 0);
  process.exitCode = failed ? 1 : 0;
}

const whole = (text, what) => {
  if (!/^\d{1,9}$/.test(text))
    throw new KindError(`${what} is "${text}". Give a whole number, such as 17.\n\n${usage}`);
  return Number(text);
};

function readArguments() {
  try {
    const options = { scope: { type: 'string' }, seed: { type: 'string' }, steps: { type: 'string', default: '1000' } };
    return parseArgs({ options }).values;
  } catch (error) {
    throw new KindError(`${error.message}\n\n${usage}`);
  }
}

await explained(async () => {
  const { scope, seed, steps } = readArguments();
  const say = speaker();
  if (!(await ready({ say, script: inRoot('tools', 'explore.mjs') }))) return;
  const { buildIfNeeded } = await import('./build.mjs');
  await buildIfNeeded(say);
  const simulation = await import('@latchkey/simulation');
  const count = whole(steps, '--steps');
  if (seed === undefined) runAll(simulation, { scope, steps: count });
  else replay(simulation, { scope, seed: whole(seed, '--seed'), steps: count });
});
