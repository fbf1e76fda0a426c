import { table } from '../markdown-table.mjs';

const kilobytes = (bytes) => (bytes / 1000).toFixed(1);
const fine = (figure) => figure.toFixed(Math.abs(figure) < 10 ? 1 : 0);
const ratio = (figure, floor) => (figure / floor).toFixed(2);
const ours = (rows) => rows.find(({ name }) => name === 'Latchkey');

/** What an app downloads for each client. */
export function sizeTable(rows) {
  const { brotli } = ours(rows);
  const lines = rows.map((row) => [
    row.version ? `${row.name} ${row.version}` : row.name,
    kilobytes(row.minified),
    kilobytes(row.brotli),
    ratio(row.brotli, brotli),
  ]);
  return `### Size\n\n${table(['what an app imports', 'minified, kB', 'brotli, kB', '× Latchkey'], lines)}`;
}

/** Where the client's bytes are. */
export function bytesTable({ whole, groups }) {
  const rows = groups.map(({ group, minified, brotli }) => [group, kilobytes(minified), kilobytes(brotli)]);
  const head = ['without', 'minified, kB less', 'brotli, kB less'];
  return `### What Latchkey's ${kilobytes(whole)} kB are for\n\n${table(head, rows)}`;
}

/** What each adds to a request in Chromium, beside its own floor. */
export function requestTable(rows) {
  const lines = rows.map((row) => {
    const floor = rows.find(({ driver }) => driver === row.floor);
    const added = (name) => (row === floor ? `${fine(row[name])} in all` : fine(row[name] - floor[name]));
    return [row.name, added('sent'), added('answered'), String(row.microtasks), String(row.tasks)];
  });
  const head = [
    'adds to a request, µs',
    'until fetch is called',
    'until the answer',
    'microtasks before',
    'tasks before',
  ];
  return `### A request with a fresh token, in Chromium\n\n${table(head, lines)}`;
}

/** The same in Node, where a round is one loop without pauses. */
export function nodeRequestTable({ title, floor, figures }) {
  const lines = Object.entries(figures).map(([name, figure]) => [
    name,
    figure.toFixed(2),
    name === floor ? '' : (figure - figures[floor]).toFixed(2),
  ]);
  return `### ${title}, in Node\n\n${table(['µs', 'in all', 'added'], lines)}`;
}

/** Refreshes of one expiry, a column for each number of tabs. */
export function tabsTable(rows, contenders) {
  const tabs = [...new Set(rows.map((row) => row.tabs))];
  const cell = ({ refreshes, rounds, refused, failed }) => {
    const most = Math.max(...rounds.map((round) => round.refreshes));
    const notes = [
      most > refreshes && `up to ${most}`,
      refused > 0 && `${refused} refused`,
      failed > 0 && `${failed} ${failed === 1 ? 'call' : 'calls'} failed`,
    ].filter(Boolean);
    return [String(refreshes), notes.length ? `(${notes.join(', ')})` : ''].join(' ').trim();
  };
  const lines = contenders
    .filter(({ entry }) => entry)
    .map(({ name, because }) => [
      name,
      ...tabs.map((count) => {
        const row = rows.find((one) => one.name === name && one.tabs === count);
        return row ? cell(row) : '–';
      }),
      because ?? '',
    ]);
  const head = ['refreshes per expiry', ...tabs.map((count) => `${count} tab${count === 1 ? '' : 's'}`), 'why not'];
  return `### Refreshes when a token expires under many tabs\n\n${table(head, lines)}`;
}

/** When the first request leaves a page that opens. */
export function firstRequestTable(rows) {
  const [floor] = rows;
  const lines = rows.map((row) => [
    row.name,
    fine(row.sinceScript),
    fine(row.sinceScript - floor.sinceScript),
    fine(row.sinceNavigation),
    String(row.awaited),
  ]);
  const head = [
    'the first request leaves, ms',
    'after the script began',
    'added',
    'after the navigation',
    'answers waited for',
  ];
  return `### The first request of a page that opens, fresh token in storage\n\n${table(head, lines)}`;
}

/** What a client costs a page that opens. */
export function startTable(rows) {
  const [floor] = rows;
  const added = (row, name) => fine(row[name] - floor[name]);
  const lines = rows.map((row) =>
    row === floor
      ? [row.name, ...['ran', 'opened', 'sent'].map((name) => `${fine(row[name])} in all`), '']
      : [row.name, ...['ran', 'opened', 'sent'].map((name) => added(row, name)), added(row, 'memory')],
  );
  const head = [
    'adds to a start, ms of the main thread',
    'script runs',
    'client made and started',
    'first request',
    'memory, kB',
  ];
  return `### Start-up\n\n${table(head, lines)}`;
}
