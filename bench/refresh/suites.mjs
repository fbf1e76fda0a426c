import { median } from '../measure.mjs';
import { ownSessions, strangers } from './chains.mjs';
import { ours, partsOfRefresh, peers, withContenders } from './contenders.mjs';
import { load } from './load.mjs';

const fewClients = 32;

/**
 * Runs the measurements in turn, round after round, so that whatever else the machine does hits all alike; gives each
 * one's medians and all rounds. Round 0 warms up and does not count.
 */
async function interleaved(measurements, rounds) {
  const figures = measurements.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, { run }] of measurements.entries()) {
      const figure = await run();
      if (round > 0) figures[at].push(figure);
    }
  }
  return measurements.map(({ run: _run, ...labels }, at) => ({
    ...labels,
    ...mediansOf(figures[at]),
    rounds: figures[at],
  }));
}

const mediansOf = (all) =>
  Object.fromEntries(Object.keys(all[0]).map((name) => [name, median(all.map((one) => one[name]))]));

/** Latchkey, the floor and, on SQLite, the peers, each at each number of clients. */
export async function refreshes(store, settings) {
  const { keys, folder, extent, profile } = settings;
  const definitions = await ours({ prepare: store.prepare, keys, rows: extent.rows, profile });
  if (store.name === 'SQLite') definitions.push(...peers(folder));
  return withContenders(definitions, (contenders) =>
    interleaved(
      extent.clients.flatMap((clients) =>
        contenders.map((contender) => ({
          contender: contender.name,
          clients,
          run: () => load(contender, { clients, milliseconds: extent.milliseconds }),
        })),
      ),
      extent.rounds,
    ),
  );
}

/**
 * Latchkey over tables of different sizes, at 32 clients: each with one session, whose row stays warm, and each with
 * another session at every request, drawn from all, whose row and user are on pages that nobody has touched.
 */
export async function sizes(store, { keys, extent }) {
  const definitions = [];
  for (const rows of extent.sizes) {
    const options = await store.prepare(rows);
    definitions.push({ name: String(rows), script: 'latchkey.mjs', options, chain: () => ownSessions(keys) });
  }
  return withContenders(definitions, (contenders) =>
    interleaved(
      contenders.flatMap((contender) => {
        const rows = Number(contender.name);
        const how = { clients: fewClients, milliseconds: extent.milliseconds };
        const cold = { ...contender, chain: strangers(keys, rows) };
        return [
          { rows, sessions: 'own', run: () => load(contender, how) },
          { rows, sessions: 'strangers', run: () => load(cold, how) },
        ];
      }),
      extent.rounds,
    ),
  );
}

/** What the parts of the floor cost in a server that does nothing else, and their sum beside the floor; at 32 clients. */
export async function partsOfFloor(store, { keys, extent }) {
  const [floor] = await ours({ prepare: store.prepare, keys, rows: extent.rows });
  const definitions = [floor, partsOfRefresh(await store.prepare(extent.rows))];
  return withContenders(definitions, async ([hand, parts]) => {
    const how = { clients: fewClients, milliseconds: extent.milliseconds };
    const { ask } = parts.processes[0];
    const run = async () => {
      const whole = (await load(hand, how)).cpu;
      await ask('beBusy', false);
      const rows = (await load(parts, how)).cpu;
      await ask('beBusy', true);
      await load(parts, how);
      const [costs, alone] = [await ask('costs'), await ask('compareAndSet')];
      return { 'node:http and compare-and-set': rows, ...costs, floor: whole, alone };
    };
    const [{ rounds, floor: whole, alone, ...costs }] = await interleaved([{ run }], extent.rounds);
    const sum = Object.values(costs).reduce((total, cost) => total + cost, 0);
    return { costs, sum, floor: whole, ratio: sum / whole, compareAndSetAlone: alone, rounds };
  });
}
