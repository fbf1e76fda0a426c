/** Writes a line for scripts or people to standard output. */
export const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** Writes a line for people to standard error: standard output is for what a command is asked for. */
export const tell = (line: string): void => void process.stderr.write(`${line}\n`);

/** Makes a text from outside safe for a terminal: control characters in a user agent could rewrite the screen. */
export const printable = (text: string): string => text.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, '?');
