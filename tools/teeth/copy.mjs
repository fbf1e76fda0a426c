import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inRoot, root } from '../bootstrap/root.mjs';

/** Copies the work tree (what git would take, as it lies there) and lends it the installed packages. */
export function copyTree() {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-teeth-'));
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], { cwd: root });
  for (const file of new Set(listed.toString().split('\0').filter(Boolean))) {
    if (existsSync(inRoot(file))) cpSync(inRoot(file), join(path, file));
  }
  lendPackages(path, '.');
  for (const group of ['packages', 'examples']) {
    for (const folder of readdirSync(inRoot(group))) lendPackages(path, join(group, folder));
  }
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

function lendPackages(path, folder) {
  const installed = inRoot(folder, 'node_modules');
  if (existsSync(installed)) symlinkSync(installed, join(path, folder, 'node_modules'), 'dir');
}

/**
 * Replaces the one place in a file of the copy where `find` stands; white space counts as any white space, so that
 * formatting the code leaves the teeth in. Gives what undoes it, or undefined if there is not exactly one such place.
 */
export function applyEdit(path, { file, find, replace }) {
  const target = join(path, file);
  if (!existsSync(target)) return undefined;
  const before = readFileSync(target, 'utf8');
  const words = find
    .trim()
    .split(/\s+/)
    .map((word) => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  const places = [...before.matchAll(new RegExp(words.join('\\s+'), 'g'))];
  if (places.length !== 1) return undefined;
  const [{ 0: found, index }] = places;
  writeFileSync(target, before.slice(0, index) + replace + before.slice(index + found.length));
  return () => writeFileSync(target, before);
}
