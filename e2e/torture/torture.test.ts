import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildCommand, cleanUp } from '../../packages/cli/src/command.fixture.js';
import { faultKinds } from './harness/plan.js';
import { reportOf } from './harness/report.js';
import { type TortureResult } from './harness/result.js';
import { torture } from './harness/torture.js';

const seed = process.env['LATCHKEY_TORTURE_SEED'] ?? 'flood';
const short = { against: 'latchkey', tabs: 4, minutes: 0, seed } as const;

beforeAll(buildCommand);
afterAll(cleanUp);

/** `npm run torture` for as long as it takes that each kind of fault has struck. */
describe('torture, in short', { timeout: 120_000 }, () => {
  const results: TortureResult[] = [];
  afterAll(() => console.log(reportOf(results)));

  test.concurrent.for([
    { title: 'E6, E8, E39: with Web Locks', locks: true },
    { title: 'E2, E6, E8, E39: without Web Locks', locks: false },
  ])('$title, whatever breaks, nobody is signed out and the app sees no 401', async ({ locks }) => {
    const result = await torture({ ...short, locks });
    results.push(result);
    expect(result.problems).toEqual([]);
    expect(result.signOuts.avoidable).toBe(0);
    // Else nothing was broken, and this has shown nothing.
    for (const kind of faultKinds) expect(result.faults[kind].struck, kind).toBeGreaterThan(0);
    expect(result.refreshes.expiries).toBeGreaterThan(5);
  });
});
