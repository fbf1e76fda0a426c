import { pathToFileURL } from 'node:url';
import { inRoot } from '../bootstrap/root.mjs';
import { aptInstall, canInstall } from './debian.mjs';

/** Finds PostgreSQL's server programs, installing Debian's where that can be done; puts their folder into `found`. */
export async function findPostgres(found) {
  let { folder, advice } = await installed();
  if (!folder && canInstall() && !process.env.LATCHKEY_POSTGRES) {
    const result = await aptInstall(['postgresql']);
    if (result.code !== 0) return { ...result, output: `${result.output}\n${advice}` };
    ({ folder, advice } = await installed());
  }
  if (!folder) return { code: 1, output: advice };
  found.LATCHKEY_POSTGRES = folder;
  return { code: 0, output: folder };
}

/** Looks where the tests themselves would look. */
async function installed() {
  const file = inRoot('packages/server/dist/testing/postgres/find-binaries.js');
  const { findPostgresBinaries } = await import(pathToFileURL(file).href);
  try {
    return { folder: findPostgresBinaries() };
  } catch (error) {
    return { advice: error.message };
  }
}
