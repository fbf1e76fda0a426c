import type { Command, LauncherState } from './launcher-types.js';

/** The launcher's server said no; the message is for people. */
export class Refused extends Error {}

/** Asks how things stand. @throws TypeError when the launcher does not answer */
export const fetchState = (): Promise<LauncherState> => read(fetch('/state'));

/** Has a command carried out; gives how things stand then. @throws Refused when it is not, TypeError without an answer */
export const send = (command: Command): Promise<LauncherState> =>
  read(
    fetch('/command', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(command),
    }),
  );

async function read(asking: Promise<Response>): Promise<LauncherState> {
  const answer = await asking;
  const body = (await answer.json()) as LauncherState & { error_description?: string };
  if (!answer.ok) throw new Refused(body.error_description ?? 'That did not work.');
  return body;
}
