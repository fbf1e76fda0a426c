import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Scene } from './scene.js';

type Cells = Readonly<Record<string, string | number>>;

const folder = fileURLToPath(new URL('../../../test-output/', import.meta.url));
const columns = new Map<string, Cells>();

/** Counts what a test has come to, to be printed whether its expectations hold or not. */
export async function note(scene: Scene, { what, seed }: { what: string; seed: string }): Promise<void> {
  const { clients, database, kills, rotations, server } = scene;
  const answers = scene.answers();
  const settings = Object.entries(await database.settings());
  columns.set(`${database.name}: ${what}`, {
    settings: settings.map(([name, value]) => `${name}=${value}`).join(' '),
    seed,
    clients: clients.length,
    'rotations acknowledged': rotations.count,
    'kills of the token server': kills.byVictim.get('token server') ?? 0,
    'kills of the database': kills.byVictim.get('database') ?? 0,
    'kills of both at once': kills.byVictim.get('both') ?? 0,
    'requests cut off before the commit': kills.unwritten,
    'requests cut off between commit and answer': kills.writtenUnanswered,
    'repeats, by the server’s log': server.outcomes.get('repeat') ?? 0,
    'requests without an answer': answers.none,
    'answered 503': answers.unavailable,
    'answered 409, old duplicate': answers.stale,
    'answered 409, database behind the client': answers.behind,
    'answered anything else': answers.other,
    'acknowledged rotations lost': kills.lost,
    'clients out': scene.clientsOut(),
  });
}

/** Prints all notes as one Markdown table, and writes them to `test-output/kill.json`. */
export function printNotes(): void {
  const notes = [...columns];
  if (notes.length === 0) return;
  const row = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const names = Object.keys(notes[0]![1]);
  const lines = [
    row(['', ...notes.map(([title]) => title)]),
    row(['---', ...notes.map(() => '---')]),
    ...names.map((name) => row([name, ...notes.map(([, cells]) => cells[name] ?? '')])),
  ];
  console.log(lines.join('\n'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}kill.json`, `${JSON.stringify(Object.fromEntries(columns), undefined, 2)}\n`);
}
