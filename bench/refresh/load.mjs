import { openConnection } from './wire.mjs';

/**
 * Lets `clients` refresh without a pause for `milliseconds`, each on its own connection, and counts what it cost the
 * contender's processes: refreshes per second, latencies in milliseconds, CPU of the server in microseconds a refresh, and
 * how many were answered 503.
 */
export async function load(contender, { clients, milliseconds }) {
  const { processes, chain } = contender;
  const ports = processes.map(({ port }) => port);
  const connections = await Promise.all(
    Array.from({ length: clients }, (_, client) => openConnection(ports[client % ports.length])),
  );
  try {
    await chain.prepare?.(clients);
    const [latencies, unavailable] = [[], []];
    const before = await cpuOf(processes);
    const start = performance.now();
    const to = { end: start + milliseconds, latencies, unavailable };
    const work = (connection, client) => follow({ connection, chain, client, ...to });
    await Promise.all(connections.map(work));
    const elapsed = performance.now() - start;
    const cpu = (await cpuOf(processes)) - before;
    if (latencies.length === 0) throw new Error('Not one refresh was answered with 200.');
    latencies.sort((a, b) => a - b);
    return {
      perSecond: (latencies.length * 1000) / elapsed,
      p50: percentile(latencies, 0.5),
      p99: percentile(latencies, 0.99),
      cpu: cpu / latencies.length,
      unavailable: unavailable.length,
    };
  } catch (error) {
    throw new Error(`${contender.name}, ${clients} clients: ${error.message}`, { cause: error });
  } finally {
    connections.forEach((connection) => connection.close());
  }
}

/** One client: each request presents what the last answer brought; after a 503, which settles nothing, the same again. */
async function follow({ connection, chain, client, end, latencies, unavailable }) {
  while (performance.now() < end) {
    const { request, take } = chain.next(client);
    const start = performance.now();
    const { status, body } = await connection.send(request);
    const elapsed = performance.now() - start;
    if (status === 503) {
      unavailable.push(elapsed);
      continue;
    }
    latencies.push(elapsed);
    if (status !== 200) throw new Error(`A refresh was answered ${status} ${/"error":"\w+"/.exec(body)?.[0] ?? ''}.`);
    take(JSON.parse(body));
  }
}

const percentile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

async function cpuOf(processes) {
  const all = await Promise.all(processes.map(({ ask }) => ask('cpu')));
  return all.reduce((sum, { user, system }) => sum + user + system, 0);
}
