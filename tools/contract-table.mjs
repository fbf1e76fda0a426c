import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { onPinnedNode } from './bootstrap/pinned-node.mjs';
import { inRoot } from './bootstrap/root.mjs';
import { tool } from './checks/tool.mjs';

/*
 * Runs the contract suite on every store and writes what came of it into docs/stores.md, store by case: one mark as it is
 * and one with delays put in, ✓ passed and ✗ failed. Needs PostgreSQL's server programs.
 */
const page = inRoot('docs', 'stores.md');
const suite = 'packages/server/src/stores/contract.test.ts';
const report = inRoot('test-output', 'contract.json');

async function writeTable() {
  mkdirSync(inRoot('test-output'), { recursive: true });
  const run = await tool('vitest', ['run', '--project', 'unit', '--reporter=json', `--outputFile=${report}`, suite]);
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  if (tests.length === 0 || tests.some(({ status }) => !['passed', 'failed'].includes(status))) {
    throw new Error(`The suite did not run to its end:\n${run.output}`);
  }

  const marks = new Map();
  for (const { ancestorTitles, title, status } of tests) {
    const store = ancestorTitles[0].replace('store contract: ', '').replace(', slowed', '');
    const of = marks.get(title) || marks.set(title, new Map()).get(title);
    of.set(store, `${of.get(store) || ''}${status === 'passed' ? '✓' : '✗'}`);
  }
  const stores = [...new Set([...marks.values()].flatMap((of) => [...of.keys()]))];
  const row = (cells) => `| ${cells.join(' | ')} |`;
  const table = [
    row(['case', ...stores]),
    row(['---', ...stores.map(() => '---')]),
    ...[...marks].map(([title, of]) => row([title, ...stores.map((store) => of.get(store) || '')])),
  ];
  const text = readFileSync(page, 'utf8');
  const heading = '## The contract, store by case\n';
  const [before, after = ''] = text.split(heading);
  const intro = after.split('\n| case')[0].trimEnd();
  writeFileSync(page, `${before}${heading}${intro}\n\n${table.join('\n')}\n`);
  await tool('prettier', ['--write', page]);
  const failed = tests.filter(({ status }) => status !== 'passed').length;
  process.stdout.write(`${tests.length - failed} passed, ${failed} failed; docs/stores.md is written.\n`);
  process.exitCode = failed ? 1 : 0;
}

if (await onPinnedNode(fileURLToPath(import.meta.url), [])) await writeTable();
