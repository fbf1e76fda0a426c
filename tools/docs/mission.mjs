import { readFileSync, readdirSync } from 'node:fs';
import { inRoot } from '../bootstrap/root.mjs';
import { edits } from '../teeth/edits.mjs';

/** Where the tables of docs/mission.md begin and end; between, every character is made from tests and teeth. */
const begin = '<!-- made by tools/write-mission.mjs -->';
const end = '<!-- end of what is made -->';

/** The rows that are delivered, in a few words each. */
const rows = {
  M1: 'Refresh on load',
  M2: 'A failed refresh keeps the old token',
  M3: 'One month by default',
  M4: 'Short tokens',
  M5: 'Tokens read right',
  M6: 'The token goes to the API and nowhere else',
  M7: 'Requests that go without a token',
  M8: 'localStorage, shared by all tabs',
  M9: 'The 5 MB limit',
  M10: 'No cookies',
  M11: 'HTTPS always',
  M12: 'Nothing secret in a URL',
  M13: 'The backend',
  M14: 'Angular',
};

const folders = [
  'e2e',
  'e2e/mission',
  'e2e/bank',
  'e2e/angular',
  'e2e/django',
  'packages/client/src',
  'packages/client/src/core',
  'packages/angular/src',
  'packages/angular/src/testing',
];

/** A title, of a test or of a group of tests; those of tables are named by their group. */
const title = /(?:describe|test|it)\(\s*(['"`])(M\d+\b(?:(?!%s).)*?)\1,/g;

/** `{ file, rows, title }` of every test that names a row. */
function namedTests() {
  return folders.flatMap((folder) =>
    readdirSync(inRoot(folder))
      .filter((name) => name.endsWith('.test.ts'))
      .flatMap((name) => {
        const file = `${folder}/${name}`;
        return [...readFileSync(inRoot(file), 'utf8').matchAll(title)].map(([, , text]) => titled(file, text));
      }),
  );
}

function titled(file, text) {
  const [, names, rest] = /^((?:[ME]\d+(?:, )?)+):? (.*)$/.exec(text) || [];
  return { file, rows: names ? names.split(', ') : [], title: rest || text };
}

/** The tables, as Markdown. */
function render() {
  const tests = namedTests();
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

/** The document with its tables as they should be. */
export function withTables(text) {
  const [before, rest] = text.split(begin);
  const after = (rest || '').split(end)[1] || '\n';
  return `${before}${begin}\n\n${render()}\n\n${end}${after}`;
}

/** Checks that docs/mission.md names the tests and teeth that there are, and that every row has some. */
export function checkMission(documents) {
  const { file, text } = documents.find((document) => document.file === 'docs/mission.md');
  const tests = namedTests();
  const bare = Object.keys(rows).flatMap((row) => [
    ...(tests.some((test) => test.rows.includes(row)) ? [] : [`${file}:1: no test names ${row}`]),
    ...(edits.some((edit) => edit.row === row) ? [] : [`${file}:1: no tooth for ${row}`]),
  ]);
  const stale = withTables(text) === text ? [] : [`${file}:1: is not up to date: run node tools/write-mission.mjs`];
  return [...bare, ...stale];
}
