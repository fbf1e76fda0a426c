// Do the tests bite? Takes away one behaviour after the other, in a copy, and expects the test named for it to fail.
//   npm run test:teeth              all rows
//   npm run test:teeth -- M4 M12    these rows
import process from 'node:process';
import { KindError, explained } from './bootstrap/kind-error.mjs';
import { ready } from './bootstrap/ready.mjs';
import { inRoot } from './bootstrap/root.mjs';
import { speaker } from './bootstrap/say.mjs';
import { edits } from './teeth/edits.mjs';
import { applyEdit, copyTree } from './teeth/copy.mjs';
import { findRedTests, runNamedTest } from './teeth/named-test.mjs';

const say = speaker();

/** Tests with their behaviour in place: one that is red anyway proves nothing. */
async function checkUnharmed(copy, chosen) {
  const tests = [...new Map(chosen.map(({ test }) => [test.file + test.title, test])).values()];
  const done = say.begin(`${tests.length} tests on the code as it is`);
  const { red, output } = await findRedTests(copy.path, tests);
  done(red.length === 0 ? 'passed' : 'NOT ALL PASSED');
  return red.length === 0 ? [] : [`These do not pass on the code as it is: ${titles(red)}\n${output}`];
}

const titles = (tests) => tests.map(({ title }) => `“${title}”`).join(', ');

/** What is wrong with one tooth, or undefined. */
async function bite(copy, edit) {
  const undo = applyEdit(copy.path, edit);
  if (!undo) return `${edit.row}: ${edit.file} no longer has what the tooth looks for: ${JSON.stringify(edit.find)}`;
  const done = say.begin(`${edit.row}: without ${edit.without}`);
  const { outcome, output } = await runNamedTest(copy.path, edit.test);
  undo();
  done(outcome === 'failed' ? 'caught' : `NOT CAUGHT (${outcome})`);
  if (outcome === 'failed') return undefined;
  return `${edit.row}: “${edit.test.title}” does not see that there is no ${edit.without} (${outcome}).\n${output}`;
}

async function main(rows) {
  const chosen = rows.length === 0 ? edits : edits.filter(({ row }) => rows.includes(row));
  if (chosen.length === 0) throw new KindError(`No tooth for ${rows.join(', ')}. Rows: ${edits.map(({ row }) => row)}`);
  const copy = copyTree();
  const problems = [];
  try {
    problems.push(...(await checkUnharmed(copy, chosen)));
    for (const edit of chosen) problems.push(await bite(copy, edit));
  } finally {
    copy.remove();
  }
  const found = problems.filter((problem) => problem !== undefined);
  for (const problem of found) say(`\n${problem}`);
  say(`${chosen.length} behaviours taken away, ${found.length} problems`);
  process.exitCode = found.length === 0 ? 0 : 1;
}

await explained(async () => {
  if (await ready({ say, script: inRoot('tools', 'teeth.mjs') })) await main(process.argv.slice(2));
});
