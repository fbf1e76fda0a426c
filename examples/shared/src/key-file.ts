import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateKeys, loadKeys, type KeyFile, type Keys } from '@latchkey/server';

/** The keys in `keys.json` of the folder, made at the first start; nobody but the account that runs the demo reads it. */
export async function keysIn(folder: string): Promise<Keys> {
  const path = join(folder, 'keys.json');
  const text = await readFile(path, 'utf8').catch(async (error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    const made = JSON.stringify(await generateKeys());
    // `wx`: of two first starts at once one writes, and the other must not replace what is in use by then.
    await writeFile(path, made, { mode: 0o600, flag: 'wx' });
    return made;
  });
  return loadKeys(JSON.parse(text) as KeyFile);
}
