// What runs in which engine: prints the table of rows by engine for docs/edge-cases.md.
//   node tools/engine-table.mjs                    from the reports that `npm run test:all` left
//   node tools/engine-table.mjs firefox webkit     runs the tests in these first
import { existsSync } from 'node:fs';
import { KindError, explained } from './bootstrap/kind-error.mjs';
import { ready } from './bootstrap/ready.mjs';
import { inRoot } from './bootstrap/root.mjs';
import { speaker } from './bootstrap/say.mjs';
import { reportNames, runInEngine } from './checks/engines.mjs';
import { reportOf, testsOf } from './checks/tests.mjs';

const say = speaker();
const engines = Object.keys(reportNames);

/** `{ row, status, reason }` of every test that is named after rows, once for each of its rows. */
function rowsOf(engine) {
  const report = reportOf(reportNames[engine]);
  if (!existsSync(report))
    throw new KindError(`There is no report of ${engine}: run node tools/engine-table.mjs ${engine}`);
  return testsOf(report).flatMap(({ title, status, reason }) => {
    const [, rows = ''] = /^((?:[ME]\d+(?:, )?)+):/.exec(title) || [];
    if (rows && status === 'skipped' && !reason)
      throw new KindError(`The report of ${engine} is of a choice of tests: run node tools/engine-table.mjs ${engine}`);
    return rows.split(', ').flatMap((row) => (row ? [{ row, status, reason }] : []));
  });
}

const orderOf = (row) => (row[0] === 'E' ? 0 : 1000) + Number(row.slice(1));

/** The table as Markdown, with the reasons below it. */
function render() {
  const reasons = [];
  const mark = (reason) => {
    if (!reasons.includes(reason)) reasons.push(reason);
    return String.fromCharCode(97 + reasons.indexOf(reason));
  };
  const cell = (tests) => {
    const count = (wanted) => tests.filter(({ status }) => status === wanted).length;
    const marks = tests.flatMap(({ reason }) => (reason ? [mark(reason)] : []));
    return [
      ...(count('passed') ? [`✓ ${count('passed')}`] : []),
      ...(count('failed') ? [`✗ ${count('failed')}`] : []),
      ...[...new Set(marks)].map((one) => `${marks.filter((other) => other === one).length} not run (${one})`),
    ].join(', ');
  };
  const results = engines.map(rowsOf);
  const rows = [...new Set(results.flat().map(({ row }) => row))].sort((a, b) => orderOf(a) - orderOf(b));
  const line = (cells) => `| ${cells.join(' | ')} |`;
  const lines = [
    line(['row', ...engines]),
    line(['---', ...engines.map(() => '---')]),
    ...rows.map((row) => line([row, ...results.map((tests) => cell(tests.filter((test) => test.row === row)))])),
  ];
  return [...lines, '', ...reasons.map((reason) => `- (${mark(reason)}) ${reason}.`)].join('\n');
}

async function main(asked) {
  const unknown = asked.find((engine) => !engines.includes(engine));
  if (unknown) throw new KindError(`There is no engine ${unknown}; there are ${engines.join(', ')}.`);
  for (const engine of asked) {
    const done = say.begin(engine);
    const { passed, failed, output } = await runInEngine(engine, {});
    done(`${passed} passed, ${failed} failed`);
    if (failed) process.stdout.write(`\n${output.trim()}\n\n`);
  }
  process.stdout.write(`\n${render()}\n`);
}

await explained(async () => {
  if (await ready({ say, script: inRoot('tools', 'engine-table.mjs') })) await main(process.argv.slice(2));
});
