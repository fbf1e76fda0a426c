/** A failure that the person at the keyboard can mend: its message says what happened and what to do. */
export class KindError extends Error {}

/** Runs a command's body; prints a `KindError` as plain words, anything else with its stack, and sets the exit code. */
export async function explained(body) {
  try {
    await body();
  } catch (error) {
    process.exitCode = 1;
    const text = error instanceof KindError ? error.message : error.stack;
    process.stderr.write('\n' + text + '\n');
  }
}
