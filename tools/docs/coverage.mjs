import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { publishedPackages } from '../checks/packages.mjs';
import { bundles, checkSizes } from '../checks/size.mjs';
import { inRoot } from '../bootstrap/root.mjs';

/** Every module that others can import, as they name it. */
export const entriesOf = () =>
  publishedPackages().flatMap(({ manifest }) =>
    Object.keys(manifest.exports || {}).map((entry) => manifest.name + entry.slice(1)),
  );

const textOf = (documents, file) => (documents.find((document) => document.file === file) || { text: '' }).text;

/** Names of `names` that stand nowhere in the document as code: `name`, `name(…)`, `name<…>`, or inside a block. */
const missingIn = (text, names) =>
  names.filter((name) => !new RegExp(`(^|[^\\w$.-])${name.replace(/[.$]/g, '\\$&')}(?![\\w$-])`, 'm').test(text));

/** Checks that `docs/api.md` names every export of every entry, under a heading that names the entry. */
export function checkApi(documents, entries, exportsOf) {
  const file = 'docs/api.md';
  const sections = textOf(documents, file).split(/^(?=## )/m);
  return entries.flatMap((entry) => {
    const section = sections.find((text) => text.startsWith(`## \`${entry}\``));
    if (!section) return [`${file}: no heading "## \`${entry}\`"`];
    return missingIn(section, exportsOf(entry)).map((name) => `${file}: ${entry} exports ${name}, which is not there`);
  });
}

/** The first cells, as code, of the tables whose first column has one of these headings. */
function rowsUnder(headings, text) {
  const tables = text.split(/\n(?!\|)/).map((part) => part.slice(part.indexOf('|')));
  return tables
    .filter((table) => headings.includes((/^\| (\w+) /.exec(table) || [])[1]))
    .flatMap((table) => [...table.matchAll(/^\| `(\w+)`/gm)].map(([, cell]) => cell));
}

/** Checks that `docs/errors.md` names every code of the sources, and none that they do not have. */
export function checkErrors(documents) {
  const file = 'docs/errors.md';
  const text = textOf(documents, file);
  const sources = [
    ['packages/protocol/src/errors.ts', /'(ERR_[A-Z_]+)'/g],
    ['packages/server/src/http/answers.ts', /^ {2}\| '([a-z_]+)'/gm],
    ['packages/verifier/src/verify-error.ts', /^ {2}\| '([a-z_]+)'/gm],
  ];
  const codes = sources.map(([source, pattern]) => {
    const found = [...readFileSync(inRoot(source), 'utf8').matchAll(pattern)].map(([, code]) => code);
    return { source, found: [...new Set(found)] };
  });
  const known = new Set(codes.flatMap(({ found }) => found));
  const listed = rowsUnder(['code', 'reason'], text);
  return [
    ...codes.filter(({ found }) => !found.length).map(({ source }) => `${source}: no codes found; mend this check`),
    ...codes.flatMap(({ source, found }) =>
      found.filter((code) => !listed.includes(code)).map((code) => `${file}: no row for ${code} (${source})`),
    ),
    ...listed.filter((code) => !known.has(code)).map((code) => `${file}: ${code} is in no source`),
  ];
}

/** Checks that `docs/configuration.md` names every setting by file, environment and flag, and every server option. */
export async function checkConfiguration(documents) {
  const file = 'docs/configuration.md';
  const { definitions } = await import(pathToFileURL(inRoot('packages/cli/dist/settings/definitions.js')).href);
  const names = definitions.flatMap(({ path, env, flag }) => [path.split('.').at(-1), env, flag.split(' ')[0]]);
  const source = readFileSync(inRoot('packages/server/src/options.ts'), 'utf8');
  const options = /interface AuthServerOptions \{([^]*?)\n\}/.exec(source)[1].matchAll(/^ {2}readonly (\w+)/gm);
  const all = [...names, ...[...options].map(([, name]) => name)];
  return missingIn(textOf(documents, file), all).map((name) => `${file}: ${name} is not there`);
}

/** Checks the sizes that the README states, `| `entry` | 1.2 kB |`, against the bundles that the size check measures. */
export async function checkStatedSizes(documents) {
  if (!existsSync(bundles)) await checkSizes();
  const { prose } = documents.find(({ file }) => file === 'README.md') || { prose: [] };
  const sizes = readdirSync(bundles).map((name) => [
    name.replace(/\.js$/, ''),
    brotliCompressSync(readFileSync(`${bundles}/${name}`)).length / 1000,
  ]);
  return sizes.flatMap(([bundle, kilobytes]) => {
    const entry = entriesOf().find((name) => name.slice('@latchkey/'.length).replaceAll('/', '-') === bundle);
    const at = prose.findIndex((line) => line.startsWith(`| \`${entry}\``));
    const stated = Number((/\| +([\d.]+) kB/.exec(prose[at] || '') || [])[1]);
    // A tenth either way: not every byte needs a change of the README.
    if (Math.abs(stated - kilobytes) <= Math.max(0.1, kilobytes / 10)) return [];
    return [`README.md:${at + 1}: the size of ${entry} should be ${kilobytes.toFixed(1)} kB`];
  });
}
