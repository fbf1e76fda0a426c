import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import process from 'node:process';
import { inRoot } from '../bootstrap/root.mjs';
import { runCommand } from '../bootstrap/run-command.mjs';

/**
 * Runs the tests of a file whose titles match, in the copy. `passed`: at least one ran, none failed; `failed`: one did;
 * `broken`: nothing ran, which says nothing about the behaviour.
 */
export async function runNamedTest(path, test) {
  const { results, output } = await run(path, [test.file], test.title);
  return { outcome: outcomeOf(results, test), output };
}

/** The same for many tests in one run; gives those that do not pass. */
export async function findRedTests(path, tests) {
  const files = [...new Set(tests.map(({ file }) => file))];
  const { results, output } = await run(path, files, tests.map(({ title }) => title).join('|'));
  return { red: tests.filter((test) => outcomeOf(results, test) !== 'passed'), output };
}

async function run(path, files, title) {
  const report = join(path, 'teeth-report.json');
  rmSync(report, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const vitest = inRoot('node_modules', 'vitest', 'vitest.mjs');
  const { output } = await runCommand(process.execPath, [vitest, 'run', ...files, '-t', title, ...reporters], {
    cwd: path,
  });
  return { results: existsSync(report) ? JSON.parse(readFileSync(report, 'utf8')).testResults : [], output };
}

function outcomeOf(results, { file, title }) {
  const tests = results.filter(({ name }) => name.endsWith(file)).flatMap(({ assertionResults }) => assertionResults);
  const ran = tests.filter(({ fullName, status }) => status !== 'skipped' && new RegExp(title).test(fullName));
  if (ran.some(({ status }) => status === 'failed')) return 'failed';
  return ran.some(({ status }) => status === 'passed') ? 'passed' : 'broken';
}
