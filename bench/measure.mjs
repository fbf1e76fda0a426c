/** Finds the middle one; of an even number the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Runs the contenders in turn, round after round, so that whatever else the machine does hits all alike; gives each one's
 * median. A contender is a function from the round's number to a figure; round 0 warms up and does not count.
 */
export async function interleaved(contenders, rounds = 7) {
  const figures = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let round = 0; round <= rounds; round++) {
    for (const [name, run] of Object.entries(contenders)) {
      const figure = await run(round);
      if (round > 0) figures[name].push(figure);
    }
  }
  return Object.fromEntries(Object.entries(figures).map(([name, values]) => [name, median(values)]));
}

/** Microseconds that one of `times` calls takes, on average. */
export async function microseconds(times, call) {
  const start = performance.now();
  for (let at = 0; at < times; at++) {
    const result = call(at);
    // Awaiting what is no promise would cost the synchronous contender a turn that it does not need.
    if (result instanceof Promise) await result;
  }
  return ((performance.now() - start) * 1000) / times;
}
