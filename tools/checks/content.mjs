import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { extname } from 'node:path';
import { inRoot } from '../bootstrap/root.mjs';
import { runCommand } from '../bootstrap/run-command.mjs';
import { bundles } from './size.mjs';

const self = 'tools/checks/content.mjs';
const source = /^packages\/[^/]+\/src\/(?!.*\.test\.ts$)/;

/** What may stand nowhere, and why; `where` and `except` narrow it by path. */
const forbidden = [
  {
    text: /\/(home|Users|root)\/[\w.-]+\/|\/work\/(main|shared|\.library)|C:\\Users/,
    why: 'a path of somebody’s machine',
  },
  { text: /"resolved": "https?:/, where: /^package-lock\.json$/, why: 'an address of a registry: see .npmrc' },
  { text: /\/\/registry\.(?!npmjs\.org)/, why: 'an address of a registry' },
  { text: /\b(TODO|FIXME|XXX)\b/, except: /^CONTRIBUTING\.md$/, why: 'work left undone: do it or file an issue' },
  { text: /eslint-disable|@ts-(ignore|nocheck|expect-error)|prettier-ignore/, why: 'a check switched off' },
  { text: /\.only\(|\.skip\(/, where: /\.test\.ts$/, why: 'tests that do not run' },
  {
    text: /document\.cookie|set-cookie|cookieStore|credentials: '(include|same-origin)'/i,
    where: source,
    why: 'a cookie',
  },
  {
    text: /\.(innerHTML|outerHTML|insertAdjacentHTML)\b|\beval\(|new Function\(/,
    where: /^(packages|examples)\/(?!.*\.test\.ts$).*\.ts$/,
    why: 'text as code',
  },
];

/** Names of other people's servers and frameworks: in the bundles that every app loads they would be dead weight. */
const strangers =
  /\b(angular|react|vue|svelte|rxjs|zone\.js|django|simplejwt|hono|fastify|express|kysely|sqlite|postgres)\b/i;

/** Looks through every file that git keeps, and through the client's bundles. */
export async function checkContent() {
  const findings = [...(await trackedFiles()).flatMap(findIn), ...findInBundles()];
  return { code: findings.length ? 1 : 0, output: findings.join('\n') };
}

async function trackedFiles() {
  const { code, output } = await runCommand('git', ['ls-files', '--cached', '--others', '--exclude-standard']);
  // A tree without git (an archive) has been checked where it came from.
  return code === 0 ? output.split('\n').filter((file) => file && file !== self && isText(file)) : [];
}

const isText = (file) => !/\.(png|jpe?g|ico|webp|db)$/.test(extname(file)) && existsSync(inRoot(file));

function findIn(file) {
  const rules = forbidden.filter(({ where, except }) => (!where || where.test(file)) && !(except && except.test(file)));
  const lines = readFileSync(inRoot(file), 'utf8').split('\n');
  return rules.flatMap(({ text, why }) =>
    lines.flatMap((line, at) => (text.test(line) ? [`${file}:${at + 1}: ${why}: ${line.trim().slice(0, 120)}`] : [])),
  );
}

/** Testing helpers and other people's dialects are not in the core; what every app loads is. */
function findInBundles() {
  return readdirSync(bundles)
    .filter((file) => !/testing|simple-jwt|angular/.test(file))
    .flatMap((file) => {
      const found = strangers.exec(readFileSync(`${bundles}/${file}`, 'utf8'));
      return found ? [`${file}: the bundle names ${found[0]}, which is no business of the client's`] : [];
    });
}
