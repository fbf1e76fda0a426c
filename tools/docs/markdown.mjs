import { readFileSync, readdirSync } from 'node:fs';
import { inRoot } from '../bootstrap/root.mjs';

const inFolder = (folder) =>
  readdirSync(inRoot(folder))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `${folder}/${name}`);

/** Every document that is checked, parsed. Decisions are history: nothing in them has to stay true. */
export function readDocuments() {
  const packages = readdirSync(inRoot('packages')).map((name) => `packages/${name}`);
  return ['README.md', 'CONTRIBUTING.md', ...['docs', ...packages].flatMap(inFolder)].map(parseDocument);
}

/** A document: `prose` has the lines outside of code (those inside are empty), `blocks` the fenced code. */
function parseDocument(file) {
  const lines = readFileSync(inRoot(file), 'utf8').split('\n');
  const document = { file, text: lines.join('\n'), prose: [], blocks: [] };
  let block;
  lines.forEach((line, at) => {
    const fence = /^\s*```(\w*)/.exec(line);
    if (block && fence) block = undefined;
    else if (block) block.lines.push(line);
    else if (fence) {
      // Line numbers count from 1; the code begins on the line after the fence.
      block = { file, language: fence[1], firstLine: at + 2, lines: [], ...notesBefore(lines, at) };
      document.blocks.push(block);
    }
    document.prose.push(block || fence ? '' : line);
  });
  return document;
}

/** What a comment right before a block can say about it. */
const notes = { ts: 'hidden', as: 'name', file: 'copyOf', diff: 'between' };

/**
 * Reads the comment before a block. `ts: CODE` is put in front of it for the check: what the reader can guess.
 * `as: PATH` names it, so that the document's other blocks can import it. `file: PATH` says that it is that file of this
 * repository, and `diff: PATH PATH` that it leads from one to the other.
 */
function notesBefore(lines, fence) {
  let end = fence - 1;
  while (end >= 0 && lines[end].trim() === '') end--;
  if (!(lines[end] || '').trim().endsWith('-->')) return { hidden: '' };
  let start = end;
  while (start > 0 && !lines[start].includes('<!--')) start--;
  const [, kind, text] = /<!-- (\w+): (.*)-->/.exec(lines.slice(start, end + 1).join(' ')) || [];
  return { hidden: '', ...(kind in notes && { [notes[kind]]: text.trim() }) };
}

/** The anchors that GitHub makes of a document's headings. */
export function anchorsOf({ prose }) {
  const seen = new Map();
  return new Set(
    prose.flatMap((line) => {
      const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(line);
      if (!heading) return [];
      const plain = heading[1].replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replace(/<[^>]*>/g, '');
      const slug = plain
        .toLowerCase()
        .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
        .replace(/ /g, '-');
      const times = seen.get(slug) || 0;
      seen.set(slug, times + 1);
      return [times ? `${slug}-${times}` : slug];
    }),
  );
}
