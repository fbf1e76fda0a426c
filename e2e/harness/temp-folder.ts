import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for one test; `remove` takes it away with all that is in it. */
export interface TempFolder {
  readonly path: string;
  remove(): void;
}

/** Makes an empty folder that nobody else uses. */
export function tempFolder(): TempFolder {
  const path = mkdtempSync(join(tmpdir(), 'latchkey-e2e-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5 }) };
}
