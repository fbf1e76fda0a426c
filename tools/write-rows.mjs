import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from './bootstrap/root.mjs';
import { rowDocuments, withRows } from './docs/row-documents.mjs';

// Brings docs/mission.md and docs/edge-cases.md up to date with tests and teeth; `check-docs.mjs` asks for it.
for (const { file, rows } of rowDocuments)
  writeFileSync(inRoot(file), withRows(readFileSync(inRoot(file), 'utf8'), rows));
