import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The first program of these names that stands in a folder of PATH, or else at one of these places. */
export function findProgram(names, places = []) {
  const folders = (process.env.PATH || '').split(delimiter);
  const inPath = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return [...inPath, ...places].find((path) => path && existsSync(path));
}
