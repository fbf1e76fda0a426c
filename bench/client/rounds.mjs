import { median } from '../measure.mjs';

/**
 * Runs measurements in turn, round after round, so that whatever else the machine does hits all alike. Each gives an
 * object of figures; their medians come back beside what is known of it (`about`) and all rounds. Round 0 warms up and
 * does not count.
 */
export async function medianOfEach(measurements, rounds) {
  const figures = measurements.map(() => []);
  for (let round = 0; round <= rounds; round++) {
    for (const [at, { run }] of measurements.entries()) {
      const figure = await run(round);
      if (round > 0) figures[at].push(figure);
    }
  }
  return measurements.map(({ about }, at) => ({ ...about, ...medians(figures[at]), rounds: figures[at] }));
}

const medians = (all) =>
  Object.fromEntries(Object.keys(all[0]).map((name) => [name, median(all.map((one) => one[name]))]));
