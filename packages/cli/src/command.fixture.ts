import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const bin = join(root, 'packages/cli/dist/main.js');

/** Builds the command as it is published; quick when nothing has changed. */
export async function buildCommand(): Promise<void> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  await promisify(execFile)(process.execPath, [tsc, '-b', 'packages/cli'], { cwd: root });
}

const folders: string[] = [];

/** Makes an empty folder to work in; `cleanUp` takes it away. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-cli-'));
  folders.push(folder);
  return folder;
}

/** How a command is run. */
export interface Run {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string;
  /** Options of Node itself. */
  readonly node?: readonly string[];
}

/** What came of a command. */
export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

function start(
  args: readonly string[],
  { cwd, env, node = [] }: Run,
): { child: ChildProcess; read: () => Omit<Outcome, 'code'> } {
  // Of our own environment the command gets the path alone: settings of whoever runs the tests are not its business.
  const child = spawn(process.execPath, [...node, bin, ...args], { cwd, env: { PATH: process.env['PATH'], ...env } });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  return { child, read: () => ({ stdout, stderr }) };
}

/** Runs a command to its end. */
export async function latchkey(args: readonly string[], run: Run): Promise<Outcome> {
  const { child, read } = start(args, run);
  child.stdin?.end(run.input ?? '');
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...read() };
}

/** A server that runs as a command. */
export interface RunningServer {
  readonly url: string;
  /** Sends a signal; settled when the process has ended. */
  stop(signal?: NodeJS.Signals): Promise<Outcome>;
}

const running = new Set<ChildProcess>();

/** Ends what a failed test has left, and takes the folders away. */
export function cleanUp(): void {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

/** Starts `latchkey serve` with a free port. @throws Error with what it said when it ends before it listens */
export async function serve(args: readonly string[], run: Run): Promise<RunningServer> {
  const { child, read } = start(['serve', '--port', '0', ...args], run);
  running.add(child);
  const closed = once(child, 'close').then(([code]: unknown[]) => {
    running.delete(child);
    return { code: code as number | null, ...read() };
  });
  const listening = new Promise<void>((resolve) => {
    child.stdout?.on('data', () => {
      if (read().stdout.includes('\n')) resolve();
    });
  });
  await Promise.race([
    listening,
    closed.then(({ code, stderr }) => {
      throw new Error(`latchkey serve ended with ${code}: ${stderr}`);
    }),
  ]);
  const { url } = JSON.parse(read().stdout) as { url: string };
  return {
    url,
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return closed;
    },
  };
}

/** Calls an endpoint with JSON. */
export async function post(url: string, body: object): Promise<{ status: number; body: Record<string, unknown> }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': 'k'.repeat(43) },
    body: JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}
