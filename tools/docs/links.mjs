import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { inRoot } from '../bootstrap/root.mjs';
import { anchorsOf } from './markdown.mjs';

/** Checks that every relative link leads to a file, and every anchor to a heading of it. */
export function checkLinks(documents) {
  const anchors = new Map(documents.map((document) => [document.file, anchorsOf(document)]));
  return documents.flatMap((document) =>
    document.prose.flatMap((line, at) =>
      [...line.replace(/`[^`]*`/g, '').matchAll(/\]\(([^)\s]+)\)/g)]
        .map(([, target]) => problemOf(target, document.file, anchors))
        .filter(Boolean)
        .map((problem) => `${document.file}:${at + 1}: ${problem}`),
    ),
  );
}

function problemOf(target, from, anchors) {
  if (/^[a-z]+:/i.test(target)) return undefined;
  const [path, anchor] = target.split('#');
  const file = path === '' ? from : normalize(join(dirname(from), path)).replaceAll('\\', '/');
  if (!existsSync(inRoot(file))) return `the link ${target} leads nowhere: there is no ${file}`;
  if (anchor === undefined || !anchors.has(file) || anchors.get(file).has(anchor)) return undefined;
  return `the link ${target} leads nowhere: ${file} has no heading for #${anchor}`;
}
