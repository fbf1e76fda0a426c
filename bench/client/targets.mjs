const ours = (rows, name = 'Latchkey') => rows.find((row) => row.name === name);

/** What the figures are held against, and whether they are within; a line each. */
export function targets({ sizes, requests, tabs, first }) {
  const lines = [];
  const line = (isMet, text) => lines.push(`- ${isMet ? 'met' : '**not met**'}: ${text}`);
  if (sizes) {
    const { brotli } = ours(sizes);
    line(brotli <= 6000, `${(brotli / 1000).toFixed(1)} kB by brotli (≤ 6)`);
  }
  for (const name of requests ? ['Latchkey', 'Angular: latchkeyInterceptor'] : []) {
    const row = ours(requests, name);
    const floor = requests.find(({ driver }) => driver === row.floor);
    const added = row.sent - floor.sent;
    line(added <= 25, `${name} adds ${added.toFixed(1)} µs before fetch is called (≤ 25)`);
    line(row.tasks + row.microtasks === 0, `${name}: fetch is called in the same turn (no extra task)`);
  }
  for (const row of tabs ? tabs.filter(({ name }) => name === 'Latchkey') : []) {
    const most = Math.max(...row.rounds.map(({ refreshes }) => refreshes));
    line(most === 1, `refreshes per expiry with ${row.tabs} ${row.tabs === 1 ? 'tab' : 'tabs'}: ${most} at most (1)`);
  }
  if (first) {
    const [floor] = first;
    const row = ours(first);
    const later = row.sinceScript - floor.sinceScript;
    line(row.awaited === 0, `the first request waits for ${row.awaited} answers of a server (0)`);
    line(
      later < 1,
      `the first request leaves ${later.toFixed(1)} ms later than one that asks nobody (waits for nothing)`,
    );
  }
  return lines;
}
