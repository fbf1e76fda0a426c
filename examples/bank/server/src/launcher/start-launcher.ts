import type { IncomingMessage, ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import { type LoopbackServer, replyJson, securityPolicy, serveOnLoopback, servePage } from '@latchkey/example-shared';
import * as v from 'valibot';
import type { Command, LauncherState } from '../../../launcher/src/launcher-types.js';
import { readJson } from '../api/json-body.js';
import { Refusal } from '../api/refusal.js';
import { CommandRefused, type Controls } from './controls.js';
import type { Journal } from './journal.js';

/** What the launcher shows and drives. */
export interface LauncherParts {
  readonly bank: LauncherState['bank'];
  readonly controls: Controls;
  readonly journal: Journal;
}

/** The static files and the compiled script, from `src` and from `dist` alike. */
const folders = ['page', 'dist'].map((name) => fileURLToPath(new URL(`../../../launcher/${name}/`, import.meta.url)));

const policy = securityPolicy({ 'img-src': "'self'", 'form-action': "'none'", 'trusted-types': "'none'" });

const count = v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(100));
const longestMove = 400 * 86_400_000;
const commands = v.variant('kind', [
  v.object({ kind: v.literal('network'), to: v.picklist(['fine', 'cut', 'slow']) }),
  v.object({
    kind: v.literal('server'),
    to: v.picklist(['fine', 'unavailable', 'throttling', 'broken', 'portal', 'stopped']),
  }),
  v.object({ kind: v.literal('lose-refreshes'), times: count }),
  v.object({ kind: v.literal('cut-answers'), times: count }),
  v.object({
    kind: v.literal('move-clock'),
    by: v.pipe(v.number(), v.integer(), v.minValue(-longestMove), v.maxValue(longestMove)),
  }),
  v.object({ kind: v.literal('reset-clock') }),
  v.object({ kind: v.literal('sign-out-everywhere') }),
]) satisfies v.GenericSchema<unknown, Command>;

/** Starts the launcher on a port of its own. @throws Error with `code: 'EADDRINUSE'` and the `port` when it is taken */
export async function startLauncher(parts: LauncherParts, port: number): Promise<LoopbackServer> {
  const answerPage = await servePage(folders, { https: false, policy });
  const server = await serveOnLoopback((request, response) => {
    answer(request, response).catch((error: unknown) => replyError(response, error));
  }, port);

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    requireOwnHost(request, server.url);
    if (request.url === '/state') replyJson(response, 200, stateOf(parts));
    else if (request.url === '/command') {
      await parts.controls.obey(await readCommand(request, server.url));
      replyJson(response, 200, stateOf(parts));
    } else answerPage(request, response);
  }
  return server;
}

const stateOf = ({ bank, controls, journal }: LauncherParts): LauncherState => ({
  ...{ bank, ...controls.state, counts: journal.counts, requests: journal.requests },
});

/** A page elsewhere could point a name of its own at this machine; the browser would still send that name. */
function requireOwnHost({ headers }: IncomingMessage, url: string): void {
  if (headers.host === new URL(url).host) return;
  throw new Refusal([421, 'wrong_host'], `Open the launcher at ${url}, and by no other name.`);
}

/** @throws Refusal for what is not a command of the launcher's own page */
async function readCommand(request: IncomingMessage, url: string): Promise<Command> {
  if (request.method !== 'POST')
    throw new Refusal([405, 'method_not_allowed'], 'Use POST.', { headers: { allow: 'POST' } });
  if (request.headers.origin !== url)
    throw new Refusal([403, 'wrong_origin'], 'Only the launcher’s own page may do this.');
  const read = v.safeParse(commands, await readJson(request));
  if (read.success) return read.output;
  throw new Refusal([422, 'unknown_command'], 'The launcher knows no such command. Load its page again.');
}

function replyError(response: ServerResponse, error: unknown): void {
  const refusal =
    error instanceof Refusal
      ? error
      : error instanceof CommandRefused
        ? new Refusal([409, 'not_now'], error.message)
        : new Refusal([500, 'failed'], 'That did not work. Look at the terminal, and start the demo again.');
  for (const [name, value] of Object.entries(refusal.headers)) response.setHeader(name, value);
  replyJson(response, refusal.status, refusal.body);
}
