import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { inRoot } from '../bootstrap/root.mjs';
import { tool } from './tool.mjs';

/** Runs one vitest project; the result carries how many tests `passed` and `failed`. */
export async function runTests(project, env) {
  mkdirSync(inRoot('test-output'), { recursive: true });
  const report = inRoot('test-output', `vitest-${project}.json`);
  rmSync(report, { force: true });
  const args = ['run', '--project', project, '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
  const result = await tool('vitest', args, { env });
  return { ...result, ...countTests(report, result.code) };
}

/** A run that failed without a failed test (a file that does not load, an unhandled error) is one failure. */
function countTests(report, code) {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, 'utf8'));
  return { passed: numPassedTests, failed: numFailedTests || (code === 0 ? 0 : 1) };
}
