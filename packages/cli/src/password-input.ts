import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CommandError } from './command-error.js';

/** More than any password may have; a file piped in by mistake ends here. */
const mostCharacters = 8_192;

/**
 * Reads a password: typed twice without echo at a terminal, or the one line that was piped in. Never an argument: those
 * are in the shell's history and in every process list.
 * @throws CommandError when none came, or the two differ
 */
export async function readPassword(): Promise<string> {
  const password = process.stdin.isTTY ? await askTwice() : await readPiped();
  if (password !== '') return password;
  throw new CommandError(
    'No password came. Type it at the prompt, or pipe it in: latchkey users add NAME < password.txt',
  );
}

async function askTwice(): Promise<string> {
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() });
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true, historySize: 0 });
  const cancelled = new AbortController();
  terminal.on('SIGINT', () => cancelled.abort());
  const ask = async (prompt: string): Promise<string> => {
    process.stderr.write(prompt);
    const answer = await terminal.question('', { signal: cancelled.signal });
    process.stderr.write('\n');
    return answer;
  };
  try {
    const first = await ask('Password: ');
    if (first === (await ask('Once more: '))) return first;
  } catch (error) {
    if (!cancelled.signal.aborted) throw error;
    process.stderr.write('\n');
    throw new CommandError('Nothing was done.');
  } finally {
    terminal.close();
  }
  throw new CommandError('The two differ. Nothing was done; try again.');
}

async function readPiped(): Promise<string> {
  let text = '';
  for await (const chunk of process.stdin.setEncoding('utf8')) {
    text += chunk as string;
    if (text.length > mostCharacters) throw new CommandError('What was piped in is far too long for a password.');
  }
  return text.replace(/\r?\n$/, '');
}
