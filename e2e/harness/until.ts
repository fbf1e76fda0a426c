/**
 * Waits until a condition holds, asking again and again: never longer than it has to, as long as a slow machine needs.
 * @throws Error naming what was waited for, after 20 s
 */
export async function until(
  condition: () => boolean | Promise<boolean>,
  { what, within = 20_000 }: { what: string; within?: number },
): Promise<void> {
  const end = performance.now() + within;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited ${within / 1000} s in vain until: ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
