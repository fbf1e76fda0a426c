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
  const counts =
    result.passed === undefined ? '' : `, ${result.passed} passed${result.failed ? `, ${result.failed} failed` : ''}`;
  done(`${ok ? 'ok' : 'FAILED'}${counts}`);
  if (!ok) process.stdout.write(`\n${result.output.trim()}\n\n`);
  // A step that counts its own tests is no test by itself.
  return result.passed === undefined ? { passed: ok ? 1 : 0, failed: ok ? 0 : 1 } : result;
}

await explained(async () => {
  if (!(await ready({ say, script }))) return;
  const { longSteps, steps } = await import('./checks/steps.mjs');
  const chosen = [...steps({}), ...(process.argv.includes('--all') ? longSteps() : [])];
  let passed = 0;
  let failed = 0;
  for (const step of chosen) {
    const result = await runStep(step);
    passed += result.passed;
    failed += result.failed;
  }
  process.exitCode = failed ? 1 : 0;
  process.stdout.write(`\n${passed} passed, ${failed} failed\n`);
});
