import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { inRoot } from '../bootstrap/root.mjs';
import { tool } from './tool.mjs';

/**
 * Runs one vitest project: all of it, or the tests of some folders, or those of them whose titles begin as told. The result
 * carries how many tests `passed` and `failed`, and in `notRun` those that could not be run, with the reason.
 */
export async function runTests(project, env, { files = [], titles = [], name = project } = {}) {
  mkdirSync(inRoot('test-output'), { recursive: true });
  const report = reportOf(name);
  rmSync(report, { force: true });
  const chosen = titles.length === 0 ? { files, filter: [] } : choose(files, titles);
  const reporters = ['--reporter=dot', '--reporter=json', `--outputFile.json=${report}`];
  const result = await tool('vitest', ['run', '--project', project, ...reporters, ...chosen.files, ...chosen.filter], {
    env,
  });
  return { ...result, ...countTests(report, { ...result, titles }) };
}

/** Where the report of a run lies: vitest's JSON. */
export const reportOf = (name) => inRoot('test-output', `vitest-${name}.json`);

/** Only the files that have such tests: a browser is started for each. */
function choose(folders, titles) {
  const tests = folders.flatMap((folder) =>
    readdirSync(inRoot(folder))
      .filter((file) => file.endsWith('.test.ts'))
      .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(inRoot(folder, file), 'utf8') })),
  );
  // A table of tests has the row's id and the rest of its titles in different places.
  const texts = titles.map((title) => title.replace(/^[ME]\d+: /, ''));
  const files = tests.filter(({ text }) => texts.some((one) => text.includes(one))).map(({ file }) => file);
  return { files, filter: ['-t', titles.map((title) => RegExp.escape(title)).join('|')] };
}

/** A run that failed without a failed test (a file that does not load, an unhandled error) is one failure. */
function countTests(report, { code, output, titles }) {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const tests = testsOf(report);
  const passed = tests.filter(({ status }) => status === 'passed').length;
  const failed = tests.filter(({ status }) => status === 'failed').length || (code === 0 ? 0 : 1);
  const notRun = tests.filter(({ reason }) => reason !== undefined);
  const gone = titles.filter((title) => !tests.some((test) => test.title.startsWith(title)));
  if (gone.length === 0) return { passed, failed, notRun };
  const told = gone.map((title) => `No test's title begins with “${title}”: see tools/checks/engines.mjs.`);
  return { code: 1, output: [output, ...told].join('\n'), passed, failed: failed + gone.length, notRun };
}

/** The tests of a report: `{ file, title, status, reason }`; `reason` of those that the engine could not run. */
export function testsOf(report) {
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  return testResults.flatMap(({ name: file, assertionResults }) =>
    assertionResults.map(({ title, status, meta }) => ({ file, title, status, reason: meta.notRun })),
  );
}
