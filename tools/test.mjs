import { explained } from './bootstrap/kind-error.mjs';
import { ready } from './bootstrap/ready.mjs';
import { inRoot } from './bootstrap/root.mjs';
import { speaker } from './bootstrap/say.mjs';

const say = speaker();
const script = inRoot('tools', 'test.mjs');

/** Runs one step and prints its line; what it printed itself is shown only when it failed. */
async function runStep({ name, run }) {
  const done = say.begin(name);
  const result = await run().catch((error) => ({ code: 1, output: error.stack }));
  const ok = result.code === 0;
  const { passed, failed, notRun = [] } = result;
  const counts = [
    ...(passed === undefined ? [] : [`, ${passed} passed`]),
    ...(failed ? [`, ${failed} failed`] : []),
    ...(notRun.length ? [`, ${notRun.length} not run`] : []),
  ];
  done(`${ok ? 'ok' : 'FAILED'}${counts.join('')}`);
  for (const { title, reason } of notRun) say(`  not run: ${title}: ${reason}`);
  if (!ok) process.stdout.write(`\n${result.output.trim()}\n\n`);
  // A step that counts its own tests is no test by itself.
  return { notRun, ...(passed === undefined ? { passed: ok ? 1 : 0, failed: ok ? 0 : 1 } : { passed, failed }) };
}

await explained(async () => {
  if (!(await ready({ say, script }))) return;
  const { longSteps, steps } = await import('./checks/steps.mjs');
  const all = process.argv.includes('--all');
  const chosen = [...steps({}, { all }), ...(all ? longSteps() : [])];
  const sum = { passed: 0, failed: 0, notRun: 0 };
  for (const step of chosen) {
    const { passed, failed, notRun } = await runStep(step);
    sum.passed += passed;
    sum.failed += failed;
    sum.notRun += notRun.length;
  }
  process.exitCode = sum.failed ? 1 : 0;
  const rest = sum.notRun ? `, ${sum.notRun} not run` : '';
  process.stdout.write(`\n${sum.passed} passed, ${sum.failed} failed${rest}\n`);
});
