import { explained, KindError } from './bootstrap/kind-error.mjs';
import { ready } from './bootstrap/ready.mjs';
import { inRoot } from './bootstrap/root.mjs';
import { speaker } from './bootstrap/say.mjs';

const usage = `npm start -- [options]

Starts the demo bank: its page and API, a token server on SQLite, and a launcher that breaks network, server and clock.

  --port NUMBER    where the bank listens; 0 takes any free port (default 4180); the launcher takes the next one
  --preset NAME    bank (default): 5-minute tokens, out after 15 idle minutes or 12 hours; or everyday: 30 days
  --plain          the page without a framework instead (examples/plain)
  --help           this text
`;

/** @throws KindError for an argument that is not one of ours */
function readArguments(args) {
  const options = { port: 4180, preset: 'bank', plain: false, help: false };
  for (let at = 0; at < args.length; at++) {
    const [name, inline] = args[at].split('=', 2);
    const value = () => {
      const text = inline === undefined ? args[++at] : inline;
      if (text === undefined) throw new KindError(`${name} needs a value.\n\n${usage}`);
      return text;
    };
    if (name === '--help' || name === '-h') options.help = true;
    else if (name === '--plain') options.plain = true;
    else if (name === '--port') options.port = readPort(value());
    else if (name === '--preset') options.preset = readPreset(value());
    else throw new KindError(`Unknown option ${name}.\n\n${usage}`);
  }
  return options;
}

function readPort(text) {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : NaN;
  if (port <= 65534) return port;
  throw new KindError(`--port takes a number from 0 to 65534 (0: any free one), not ${text}.`);
}

function readPreset(text) {
  if (text === 'everyday' || text === 'bank') return text;
  throw new KindError(`--preset takes everyday or bank, not ${text}.`);
}

const presets = {
  bank: 'bank: 5-minute tokens, out after 15 idle minutes',
  everyday: 'everyday: signed in for 30 days',
};

/** Prints where the demo is and what to try. */
function present(demo, folder, { plain, preset }) {
  const launcher = demo.launcherUrl ? `\n  Launcher  ${demo.launcherUrl}      (breaks network, server and clock)` : '';
  process.stdout.write(`
  Open      ${demo.url}${launcher}
  User      ${demo.user.username}
  Password  ${demo.user.password}      (for this demo only; yours, if you have changed it)
  Preset    ${presets[preset]}
  Data      ${folder}

  What to try
${plain ? tryPlain : tryBank}

  Ctrl-C stops everything.
`);
}

const tryBank = `  1. Open the bank in three tabs, sign in, then sign out in one: all three are out.
  2. Sign in, let the launcher lose the answer to the next refresh, stop the server, move the clock: still signed in.
  3. Send a transfer ten minutes after signing in: the bank asks for the password again and goes on by itself.
  4. Leave it alone for 13 minutes: it warns in every tab, and signs out after two more.`;

const tryPlain = `  1. Open the page in three tabs, sign in, then sign out in one: all three are out.
  2. Sign in, stop this server, reload the page: still signed in. Start it again: the page goes on by itself.
  3. Upload a picture of 10 MB and look at "localStorage" on the page: it stays at a few kB.
  4. Close the browser, come back tomorrow: still signed in.`;

/** Starts the demo's server. @throws KindError when the port is taken */
async function startServer({ port, preset, plain }, dataFolder) {
  const { fromBank, fromPlain } = await import('./build.mjs');
  try {
    if (plain) return await (await fromPlain('demo')).startDemo({ port, preset, dataFolder });
    const launcherPort = port === 0 ? 0 : port + 1;
    return await (await fromBank('start-bank')).startBank({ port, launcherPort, preset, dataFolder });
  } catch (error) {
    if (error.code === 'EADDRINUSE') {
      throw new KindError(
        `Port ${error.port || port} is taken, perhaps by another demo in another window.\n` +
          'Stop that one, or take any free port:\n  npm start -- --port 0',
      );
    }
    if (error.code === 'EACCES' && error.syscall === 'listen') {
      throw new KindError(`Port ${port} may not be used by this account. Take another:\n  npm start -- --port 0`);
    }
    throw error;
  }
}

/** Stops at the first signal, however many come. */
function stopOnSignal(demo) {
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    await demo.close();
    process.stdout.write('\n  Stopped. Your data is kept; npm start goes on where you left.\n');
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop());
}

await explained(async () => {
  const options = readArguments(process.argv.slice(2));
  if (options.help) return void process.stdout.write(usage);
  if (!process.env.LATCHKEY_RERUN) process.stdout.write('\n  Latchkey demo\n\n');
  const say = speaker();
  if (!(await ready({ say, script: inRoot('tools', 'start.mjs') }))) return;
  const { buildIfNeeded } = await import('./build.mjs');
  await buildIfNeeded(say);
  const folder = options.plain ? 'demo' : 'bank';
  const demo = await startServer(options, inRoot('.latchkey', folder));
  stopOnSignal(demo);
  present(demo, `.latchkey/${folder}`, options);
});
