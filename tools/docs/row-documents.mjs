import { readFileSync, readdirSync } from 'node:fs';
import { inRoot } from '../bootstrap/root.mjs';
import { edits } from '../teeth/edits.mjs';
import { cases } from './rows-of-cases.mjs';
import { mission } from './rows-of-mission.mjs';

/** Where the tables begin and end; between, every character is made from tests and teeth. */
const begin = '<!-- made by tools/write-rows.mjs -->';
const end = '<!-- end of what is made -->';

/** The documents that list tests and teeth row by row. */
export const rowDocuments = [
  { file: 'docs/mission.md', rows: mission },
  { file: 'docs/edge-cases.md', rows: cases },
];

/** Packages that ship to browsers or check them; tests of the others name no row. */
const folders = ['e2e', 'packages/client/src', 'packages/angular/src', 'packages/simulation/src'];

/** A title, of a test or of a group of tests; those of tables are named by their group. */
const title = /(?:\b(?:describe|test|it)|\))\(\s*(['"`])([MBE]\d+\b(?:(?!%[sj]|\$).)*?)\1,/g;

/** `{ file, rows, title }` of every test that names a row. */
function namedTests() {
  return folders.flatMap((folder) =>
    readdirSync(inRoot(folder), { recursive: true })
      .filter((name) => name.endsWith('.test.ts') && !name.includes('node_modules'))
      .sort()
      .flatMap((name) => {
        const file = `${folder}/${name}`;
        return [...readFileSync(inRoot(file), 'utf8').matchAll(title)].map(([, , text]) => titled(file, text));
      }),
  );
}

function titled(file, text) {
  const [, names, rest] = /^((?:[MBE]\d+(?:, )?)+):? (.*)$/.exec(text) || [];
  return { file, rows: names ? names.split(', ') : [], title: rest || text };
}

/** One document's rows, as Markdown. */
function render(rows, tests) {
  return Object.entries(rows)
    .map(([row, name]) => {
      const own = tests.filter((test) => test.rows.includes(row));
      const files = [...new Set(own.map(({ file }) => file))];
      const listed = files.flatMap((file) => [
        `- [\`${file}\`](../${file})`,
        ...own.filter((test) => test.file === file).map((test) => `  - ${test.title}`),
      ]);
      const teeth = edits.filter((edit) => edit.row === row).map(({ without }) => `- ${without}`);
      return [`## ${row}: ${name}`, '', 'Tests:', '', ...listed, '', 'Teeth take away:', '', ...teeth].join('\n');
    })
    .join('\n\n');
}

/** The document's text with its rows as they should be. */
export function withRows(text, rows, tests = namedTests()) {
  const [before, rest] = text.split(begin);
  const after = (rest || '').split(end)[1] || '\n';
  return `${before}${begin}\n\n${render(rows, tests)}\n\n${end}${after}`;
}

/** Checks that the documents name the tests and teeth that there are, and that every row has some. */
export function checkRows(documents) {
  const tests = namedTests();
  return rowDocuments.flatMap(({ file, rows }) => {
    const { text = '' } = documents.find((document) => document.file === file) || {};
    const bare = Object.keys(rows).flatMap((row) => [
      ...(tests.some((test) => test.rows.includes(row)) ? [] : [`${file}:1: no test names ${row}`]),
      ...(edits.some((edit) => edit.row === row) ? [] : [`${file}:1: no tooth for ${row}`]),
    ]);
    const stale =
      withRows(text, rows, tests) === text ? [] : [`${file}:1: is not up to date: run node tools/write-rows.mjs`];
    return [...bare, ...stale];
  });
}
