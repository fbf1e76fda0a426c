import { dirname, join } from 'node:path';
import type { AuthServerOptions } from '@latchkey/server';
import { CommandError } from './command-error.js';
import { fileMailer } from './file-mail.js';
import type { CheckedSettings } from './settings/check.js';
import { readSmtpUrl } from './settings/smtp-url.js';
import { type Mailer, smtpMailer } from './smtp-mail.js';

/** What the server is told of mail, and how to end it. */
export interface OpenedMail {
  readonly options: Pick<AuthServerOptions, 'sendMail' | 'resetLink' | 'verifyLink'>;
  close(): void;
}

/** What decides how mail leaves, beside the settings. */
export interface MailSurroundings {
  readonly dev: boolean;
  readonly databasePath: string | undefined;
  /** Told where a mail was written, in development. */
  readonly log: (message: string) => void;
}

/** Where Angular's development server has an app. */
const devLinks = {
  resetLink: 'http://localhost:4200/new-password',
  verifyLink: 'http://localhost:4200/confirm-email',
};

/**
 * Decides how mail is sent: by SMTP where `smtpUrl` is set; in development else to a file beside the database, which a
 * database in memory has not; else not at all. Nothing is sent or written before the first mail.
 * @throws CommandError when the settings for mail do not go together
 */
export function openMail(settings: CheckedSettings, { dev, databasePath, log }: MailSurroundings): OpenedMail {
  const { smtpUrl, mailFrom, resetLink, verifyLink, allowHttp } = settings;
  const given = { ...(resetLink !== undefined && { resetLink }), ...(verifyLink !== undefined && { verifyLink }) };
  const links = dev ? { ...devLinks, ...given } : given;
  const server = smtpUrl === undefined ? undefined : readSmtpUrl(smtpUrl);
  if (server) {
    const from = requireSender(mailFrom, links);
    return opened(links, smtpMailer(server, { from, allowPlain: allowHttp }));
  }
  if (!dev) refuseUseless({ ...given, ...(mailFrom !== undefined && { mailFrom }) });
  if (!dev || databasePath === undefined || databasePath === ':memory:') return opened({});
  const file = join(dirname(databasePath), 'mail.txt');
  return opened(
    links,
    fileMailer(file, () => log(`mail written to ${file}`)),
  );
}

const opened = (links: object, mailer?: Mailer): OpenedMail => ({
  options: mailer ? { ...links, sendMail: (mail) => mailer.send(mail) } : {},
  close: () => mailer?.close(),
});

function requireSender(mailFrom: string | undefined, links: object): string {
  if (Object.keys(links).length === 0) {
    throw new CommandError(
      'smtpUrl has no mail to send: resetLink and verifyLink are missing. Give --reset-link, --verify-link or both, the pages of your app that such mails lead to.',
    );
  }
  if (mailFrom !== undefined) return mailFrom;
  throw new CommandError('mailFrom is missing: give --mail-from, as in "Example <no-reply@example.com>".');
}

function refuseUseless(given: object): void {
  const names = Object.keys(given).join(' and ');
  if (names === '') return;
  throw new CommandError(
    `${names}: of no use without a mail server. Give smtpUrl in the settings file or LATCHKEY_SMTP_URL, or leave them out.`,
  );
}
