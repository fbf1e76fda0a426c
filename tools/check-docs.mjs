import { runCommand } from './bootstrap/run-command.mjs';
import { checkCopies } from './docs/copies.mjs';
import { checkApi, checkConfiguration, checkErrors, checkStatedSizes, entriesOf } from './docs/coverage.mjs';
import { checkLinks } from './docs/links.mjs';
import { readDocuments } from './docs/markdown.mjs';
import { checkRows } from './docs/row-documents.mjs';
import { checkSyntax, checkTypes } from './docs/typescript.mjs';

/*
 * Checks README and docs against the built packages: `ts` blocks are type-checked, templates included (`<!-- ts: CODE -->`
 * before one is put in front of it, `<!-- as: PATH -->` names it for the others), `<!-- file: PATH -->` and
 * `<!-- diff: PATH PATH -->` show what these files are, other code is parsed, links lead somewhere, and the tables of
 * exports, errors, settings and sizes are complete. Prints one line a problem, with file and line.
 */
const documents = readDocuments();
const entries = entriesOf();
const { problems, exportsOf } = await checkTypes(documents, entries);
problems.push(
  ...(await checkSyntax(documents, runCommand)),
  ...checkLinks(documents),
  ...checkCopies(documents),
  ...checkRows(documents),
  ...checkApi(documents, entries, exportsOf),
  ...checkErrors(documents),
  ...(await checkConfiguration(documents)),
  ...(await checkStatedSizes(documents)),
);
process.stdout.write(problems.map((problem) => `${problem}\n`).join(''));
process.exitCode = problems.length ? 1 : 0;
