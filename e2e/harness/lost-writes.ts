import { copyFileSync, rmSync } from 'node:fs';
import Sqlite from 'better-sqlite3';

/** Keeps what an SQLite file holds now; the function given back puts it there again, while nobody has it open. */
export async function keepCopy(path: string): Promise<() => void> {
  const copy = `${path}.copy`;
  const connection = new Sqlite(path);
  await connection.backup(copy);
  connection.close();
  return () => {
    // What was written since stands in files of its own.
    for (const file of [`${path}-wal`, `${path}-shm`]) rmSync(file, { force: true });
    copyFileSync(copy, path);
  };
}
