import { readFileSync, writeFileSync } from 'node:fs';
import { inRoot } from './bootstrap/root.mjs';
import { withTables } from './docs/mission.mjs';

// Brings docs/mission.md up to date with the tests and teeth that there are; `check-docs.mjs` asks for it.
const file = inRoot('docs', 'mission.md');
writeFileSync(file, withTables(readFileSync(file, 'utf8')));
