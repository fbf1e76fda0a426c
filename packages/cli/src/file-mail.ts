import { appendFile } from 'node:fs/promises';
import type { Mailer } from './smtp-mail.js';

/** Writes mails to the end of a file that this account alone can read: for development. `onWritten` hears of each. */
export function fileMailer(file: string, onWritten: () => void): Mailer {
  return {
    async send({ to, subject, text }) {
      await appendFile(file, `To: ${to}\nSubject: ${subject}\n\n${text}\n${'-'.repeat(72)}\n`, { mode: 0o600 });
      onWritten();
    },
    close: () => undefined,
  };
}
