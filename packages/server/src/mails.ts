import type { OneTimePurpose } from './ports.js';

/** What a mail is about. */
export type MailKind = OneTimePurpose | 'password_changed';

/** A mail to be sent, as plain text. */
export interface Mail {
  /** One address, checked: no list, no name, no line end. */
  readonly to: string;
  readonly subject: string;
  /** Plain text, lines ended by `\n`, the link on a line of its own. */
  readonly text: string;
  /** For whoever writes texts of their own. */
  readonly kind: MailKind;
  /** The page to open, with the one-time token in its fragment: a secret. `undefined` where there is nothing to do. */
  readonly link: string | undefined;
}

/** What a mail says besides its link. `site` is the host that people know, such as `app.example.com`. */
const texts: Readonly<
  Record<MailKind, (site: string, canReset: boolean) => { subject: string; before: string; after: string }>
> = {
  reset_password: (site) => ({
    subject: `Choose a new password for ${site}`,
    before: `Somebody asked for a new password at ${site}. If it was you, choose one here within 30 minutes:`,
    after:
      'The link works once. Choosing a new password signs you out everywhere.\n\n' +
      'If it was not you, do nothing: your password stays as it is. Give this link to nobody.',
  }),
  verify_email: (site) => ({
    subject: `Confirm your e-mail address for ${site}`,
    before: `Please confirm that this is your e-mail address at ${site}, within 24 hours:`,
    after: 'If you have no account there, do nothing, and do not open the link.',
  }),
  password_changed: (site, canReset) => ({
    subject: `Your password for ${site} was changed`,
    before: `The password of your account at ${site} has just been changed. If it was you, there is nothing to do.`,
    after: canReset
      ? `If it was not you, go to ${site} at once and ask for a new password there. That ends all sessions: whoever is ` +
        'signed in, you too, can go on only until the access that was given out last has run out.'
      : `If it was not you, tell whoever runs ${site} at once.`,
  }),
};

/**
 * Writes a mail. `page` is a configured link; the token goes into its fragment, which no browser sends anywhere.
 * `canReset`: whoever reads it can ask for a new password.
 */
export function composeMail(
  kind: MailKind,
  { to, page, token, canReset = false }: { to: string; page: string; token?: string; canReset?: boolean },
): Mail {
  const { subject, before, after } = texts[kind](new URL(page).host, canReset);
  const link = token === undefined ? undefined : `${page}#token=${token}`;
  const text = [before, link, after].filter((part) => part !== undefined).join('\n\n');
  return { to, subject, text: `${text}\n`, kind, link };
}
