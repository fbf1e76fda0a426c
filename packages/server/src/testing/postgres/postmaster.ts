import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { Socket } from 'node:net';
import { dirname } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { programIn } from './find-binaries.js';
import type { Account } from './run-as.js';

/** Where a database cluster lies and how it is served. */
export interface Cluster {
  /** The data folder. */
  readonly folder: string;
  readonly binaries: string;
  readonly account: Account;
  readonly port: number;
  readonly settings: Readonly<Record<string, string>>;
}

/** One running server. */
export interface Postmaster {
  /** Resolves once the server has ended in good order. */
  stop(): Promise<void>;
  /** Ends the server and all its children at once, as a power cut would. */
  kill(): Promise<void>;
}

/** Durability stays as it is in production: what the tests are about would be lost without it. */
const fixedSettings = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  // What we wait for in the log is English.
  lc_messages: 'C',
  log_min_messages: 'log',
  fsync: 'on',
  synchronous_commit: 'on',
};

/** Starts a server and waits until it takes connections. @throws Error with its log, when it does not */
export async function startPostmaster({ folder, binaries, account, port, settings }: Cluster): Promise<Postmaster> {
  const all = Object.entries({ ...fixedSettings, port: String(port), ...settings });
  const args = ['-D', folder, ...all.flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const child = spawn(programIn(binaries, 'postgres'), args, {
    ...account,
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const guard = endWithUs(child, { folder, account });
  const ended = once(child, 'exit').finally(() => guard?.kill('SIGKILL'));
  await untilReady(child, ended);
  return {
    async stop() {
      // "Fast": it tells its clients and writes a checkpoint.
      child.kill('SIGINT');
      await ended;
    },
    async kill() {
      await killWithChildren(child);
      await ended;
    },
  };
}

/** A test run that is killed must leave nothing: the shell reads from us for ever, and our end is its end of file. */
function endWithUs(
  { pid }: ChildProcess,
  { folder, account }: Pick<Cluster, 'folder' | 'account'>,
): ChildProcess | undefined {
  if (process.platform === 'win32' || pid === undefined) return undefined;
  const script = 'read -r _; kill -QUIT "$1"; sleep 1; rm -rf "$2"';
  const guard = spawn('sh', ['-c', script, 'guard', String(pid), dirname(folder)], {
    ...account,
    cwd: '/',
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return guard;
}

/** Reads the log until the server says that it is ready, and then on: a full pipe would stop it. */
async function untilReady(child: ChildProcess, ended: Promise<unknown>): Promise<void> {
  let log = '';
  const ready = new Promise<true>((resolve) => {
    child.stderr?.setEncoding('utf8').on('data', (part: string) => {
      log = (log + part).slice(-20_000);
      if (/database system is ready to accept (read-only )?connections/.test(log)) resolve(true);
    });
  });
  const isReady = await Promise.race([ready, ended.then(() => false)]);
  if (!isReady) throw new Error(`PostgreSQL did not start:\n${log}`);
}

async function killWithChildren(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  if (process.platform === 'win32') {
    execFileSync('taskkill', ['/F', '/T', '/PID', String(child.pid)]);
    return;
  }
  // Stopped, it cannot have another child between the look and the kill.
  child.kill('SIGSTOP');
  const pids = childrenOf(child.pid);
  for (const pid of [child.pid, ...pids]) kill(pid);
  // A new server would find the old one's memory in use.
  while (pids.some(isAlive)) await pause(5);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  readonly state: string;
}

/** `pid (name) state parent …`; the name may hold spaces and brackets. */
function readStat(pid: string): ProcessLine | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const [state = '', parent] = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return { pid: Number(pid), parent: Number(parent), state };
  } catch {
    return undefined;
  }
}

function listProcesses(): ProcessLine[] {
  if (process.platform === 'linux') {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((pid) => readStat(pid) ?? []);
  }
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,state='], { encoding: 'utf8' }).trim().split('\n');
  return lines.map((line) => {
    const [pid, parent, state = ''] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), state };
  });
}

const childrenOf = (parent: number): number[] =>
  listProcesses()
    .filter((line) => line.parent === parent)
    .map(({ pid }) => pid);

/** A zombie holds nothing any more. */
const isAlive = (pid: number): boolean => listProcesses().some((line) => line.pid === pid && !/^[ZX]/.test(line.state));
