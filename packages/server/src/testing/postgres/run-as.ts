import { chownSync, mkdtempSync, readFileSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type SpawnOptionsWithoutStdio, spawn } from 'node:child_process';

/** The account that PostgreSQL runs as; empty for our own. It refuses to run as root. */
export type Account = Pick<SpawnOptionsWithoutStdio, 'uid' | 'gid'>;

/** Chooses the account: our own or, for root, `postgres` or `nobody`. */
export function chooseAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const accounts = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  const found = ['postgres', 'nobody'].map((name) => accounts.find(([account]) => account === name)).find(Boolean);
  if (!found) throw new Error('PostgreSQL does not run as root, and there is no account "postgres" or "nobody".');
  return { uid: Number(found[2]), gid: Number(found[3]) };
}

/** Makes a folder that the account owns, where it can reach it. */
export function makeFolder({ uid, gid }: Account): string {
  const places = uid === undefined ? [tmpdir()] : [tmpdir(), '/tmp', '/var/tmp'];
  const place = places.find((folder) => uid === undefined || isOpenToAll(folder));
  if (place === undefined) throw new Error(`No temporary folder can be reached by others: ${places.join(', ')}.`);
  const folder = mkdtempSync(join(place, 'latchkey-postgres-'));
  if (uid !== undefined && gid !== undefined) chownSync(folder, uid, gid);
  return folder;
}

/** Tells whether every account may pass through a folder and its parents. */
function isOpenToAll(folder: string): boolean {
  const stat = statSync(folder, { throwIfNoEntry: false });
  if (!stat || (stat.mode & 0o001) === 0) return false;
  return dirname(folder) === folder || isOpenToAll(dirname(folder));
}

/** Runs a program to its end. @throws Error with what it printed, when it fails */
export function runProgram(
  [program, ...args]: readonly [string, ...string[]],
  options: Account & { readonly cwd: string },
): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    child.stdout.on('data', (part) => (output += String(part)));
    child.stderr.on('data', (part) => (output += String(part)));
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve();
      else reject(new Error(`${program} ended with ${String(code)}:\n${output}`));
    });
  });
}
