import { execFile } from 'node:child_process';

/**
 * Runs a command to its end and gives what it printed, both streams together and without colours.
 * @throws Error with all of that, when it fails or takes longer than 4 minutes
 */
export function run(file: string, args: readonly string[], cwd: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { cwd, env: environment(), maxBuffer: 16 * 1024 * 1024, timeout: 240_000 };
    execFile(file, args, options, (error, stdout, stderr) => {
      const printed = `${stdout}${stderr}`;
      if (error) reject(new Error(`${[file, ...args].join(' ')} failed (${error.message}):\n${printed}`));
      else resolve(printed);
    });
  });
}

/** What the test runner and `npm run` tell their children is not meant for an app somewhere else. */
function environment(): NodeJS.ProcessEnv {
  const ours =
    /^(npm_(package|lifecycle|command|config_(local_prefix|prefix|workspace))|vitest|test$|node_(env|options)$|init_cwd)/i;
  const kept = Object.entries(process.env).filter(([name]) => !ours.test(name));
  return { ...Object.fromEntries(kept), NO_COLOR: '1', FORCE_COLOR: '0', CI: '1', NG_CLI_ANALYTICS: 'false' };
}
