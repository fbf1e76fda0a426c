/**
 * Waits until a condition holds, asking again and again: never longer than it has to, as long as a slow machine needs.
 * `seen` tells what there is instead. @throws Error naming what was waited for, after 20 s
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { what, within = 20_000, seen }: { what: string; within?: number; seen?: () => string },
): Promise<void> {
  const end = performance.now() + within;
  while (!(await condition())) {
    if (performance.now() > end) {
      const instead = seen ? ` Instead there is: ${seen()}` : '';
      throw new Error(`Waited ${within / 1000} s in vain until: ${what}.${instead}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * Moves time on, second by second, until a condition holds: for what happens by itself, soon.
 * @throws Error naming what was waited for, after so many seconds of the test's time
 */
export async function untilTimeBrings(
  clock: { advance(milliseconds: number): Promise<void> },
  condition: () => Promise<boolean>,
  { what, withinSeconds }: { what: string; withinSeconds: number },
): Promise<void> {
  for (let passed = 0; !(await condition()); passed++) {
    if (passed > withinSeconds) throw new Error(`${withinSeconds} s passed in vain until: ${what}.`);
    await clock.advance(1000);
  }
}
