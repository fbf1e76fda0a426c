/** What a process ends with. Documented: scripts go by it. */
export const exitCodes = {
  ok: 0,
  /** A fault of Latchkey itself. */
  bug: 1,
  /** The command line or a setting is wrong. */
  usage: 2,
  /** Something outside is in the way: a taken port, a disk, a missing migration. */
  outside: 3,
} as const;

/** A command cannot be done; the message says why and what to do, and is all that is printed. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = exitCodes.usage) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** The system's code of an error, such as `EADDRINUSE`. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
