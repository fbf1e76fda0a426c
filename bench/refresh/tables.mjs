import { table } from '../markdown-table.mjs';

const whole = (figure) => Math.round(figure).toLocaleString('en');
const fine = (figure) => figure.toFixed(figure < 10 ? 2 : 1);

/** Refreshes per second, latencies and CPU of one store, a column for each number of clients. */
export function refreshTables(store, results) {
  const clients = [...new Set(results.map((result) => result.clients))];
  const contenders = [...new Set(results.map(({ contender }) => contender))];
  const one = (contender, count) => results.find((r) => r.contender === contender && r.clients === count);
  const grid = (cell) => contenders.map((name) => [name, ...clients.map((count) => cell(one(name, count)))]);
  const head = (title) => [title, ...clients.map((count) => `${count} client${count === 1 ? '' : 's'}`)];
  const ratio = (result) => (result.perSecond / one('floor', result.clients).perSecond).toFixed(2);
  return [
    `### ${store}`,
    table(
      head('refreshes/s (× floor)'),
      grid((r) => `${whole(r.perSecond)} (${ratio(r)})`),
    ),
    table(
      head('p50 / p99, ms'),
      grid((r) => `${fine(r.p50)} / ${fine(r.p99)}`),
    ),
    table(
      head('CPU µs a refresh'),
      grid((r) => whole(r.cpu)),
    ),
    ...results
      .filter(({ unavailable }) => unavailable > 0)
      .map(
        ({ contender, clients: count, unavailable }) => `${contender}, ${count} clients: ${unavailable} × 503 a round.`,
      ),
  ].join('\n\n');
}

/** How the cost goes with the number of sessions. */
export function sizeTable(store, results) {
  const kinds = { own: '32 sessions again and again', strangers: 'another session each time' };
  const rows = Object.entries(kinds).flatMap(([kind, title]) => {
    const some = results.filter(({ sessions }) => sessions === kind);
    return some.map((r) => [
      `${whole(r.rows)}, ${title}`,
      `${whole(r.perSecond)} (${(r.perSecond / some[0].perSecond).toFixed(2)})`,
      `${fine(r.p50)} / ${fine(r.p99)}`,
      `${whole(r.cpu)} (${(r.cpu / some[0].cpu).toFixed(2)})`,
    ]);
  });
  const head = ['sessions in the table', 'refreshes/s', 'p50 / p99, ms', 'CPU µs a refresh'];
  return `### ${store}: Latchkey and the number of sessions, 32 clients\n\n${table(head, rows)}`;
}

/** The floor's parts and their sum. */
export function partsTable(store, { costs, sum, floor, ratio, compareAndSetAlone }) {
  const rows = Object.entries({ ...costs, sum, floor }).map(([name, cost]) => [name, fine(cost)]);
  const title = `### ${store}: what the floor is made of, CPU µs a refresh, 32 clients`;
  const verdict = `Sum / floor ${ratio.toFixed(2)} (honest from 0.85 to 1.15).`;
  const note = `Without HTTP, 16 at a time, a compare-and-set takes ${fine(compareAndSetAlone)} µs.`;
  return [title, table(['part', 'µs'], rows), `${verdict} ${note}`].join('\n\n');
}
