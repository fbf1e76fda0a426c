import { existsSync, readFileSync } from 'node:fs';
import { inRoot } from '../bootstrap/root.mjs';

/** Checks that what a document shows as a file of this repository, or as the way from one to another, is so. */
export function checkCopies(documents) {
  const blocks = documents.flatMap(({ blocks }) => blocks);
  return blocks.flatMap((block) => {
    const [before, after] = (block.between || '').split(' ');
    return [
      ...(block.copyOf ? difference(block, block.copyOf, block.lines) : []),
      ...(before ? difference(block, before, side(block, '-')) : []),
      ...(after ? difference(block, after, side(block, '+')) : []),
      ...(block.language === 'diff' && !after ? [`${place(block)}: name both files: <!-- diff: BEFORE AFTER -->`] : []),
    ];
  });
}

const place = ({ file, firstLine }) => `${file}:${firstLine}`;

/** The lines of a diff that one of its files has. */
const side = ({ lines }, sign) =>
  lines.filter((line) => line === '' || line[0] === sign || line[0] === ' ').map((line) => line.slice(1));

function difference(block, path, shown) {
  if (!existsSync(inRoot(path))) return [`${place(block)}: there is no ${path}`];
  const there = readFileSync(inRoot(path), 'utf8').trimEnd().split('\n');
  const at = there.findIndex((line, index) => line !== shown[index]);
  if (at < 0 && there.length === shown.length) return [];
  const line = at < 0 ? there.length : at;
  return [`${place(block)}: is not ${path} from its line ${line + 1} on: ${there[line] ?? '(its end)'}`];
}
