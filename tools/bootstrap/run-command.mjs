import { spawn } from 'node:child_process';
import { root } from './root.mjs';

/**
 * Runs a command to its end and gives `{ code, output }`; never rejects. `code` is 127 when there is no such command.
 * `live` shows the output as it comes instead of collecting it.
 */
export function runCommand(command, args, options = {}) {
  const { env, live = false, cwd = root } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      // Collected output may end in a log, where colours are noise.
      env: { ...process.env, ...(live ? {} : { NO_COLOR: '1', FORCE_COLOR: undefined }), ...env },
      stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
    });
    const parts = [];
    if (!live) for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => parts.push(part));
    child.on('error', (error) => resolve({ code: 127, output: String(error.message) }));
    child.on('close', (code, signal) =>
      resolve({
        code: code === null ? 1 : code,
        output: Buffer.concat(parts).toString() + (signal ? `\n(${signal})` : ''),
      }),
    );
  });
}

/** Runs npm: by the script that started us when npm did (that works on Windows too), else by name. */
export function runNpm(args, options) {
  const script = process.env.npm_execpath;
  return script && /npm-cli\.c?js$/.test(script)
    ? runCommand(process.execPath, [script, ...args], options)
    : runCommand('npm', args, options);
}
